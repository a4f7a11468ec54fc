// Package native executes programs as machine code that was made ahead of time: package ctranslate translated the module to C, the runtime's
// build compiled that for a processor, and the file is in the runtime, bin/PROGRAM.PROCESSOR.so.
//
// # Trust
//
// Unlike a module, machine code can do whatever the program around it can. So a file runs only when its SHA-256 is one of those that this
// program was built with (Config.Sums); a runtime from elsewhere has no such sum. The file is checked through the descriptor that is mapped
// afterwards. Who could write to it later would change what runs, so a file that anybody else may write to is copied into memory before it
// is checked. Code is never writable while it is executable.
//
// # Calls
//
// The code has a stack of its own for each instance. enter switches to it; a host call switches back, and enter returns to Go, which does
// what was asked for and enters again. So Go code runs on Go's stack only, which may grow and move, and a host function that panics (as
// Exit does) unwinds Go's frames and drops the code's.
//
// # Traps
//
// The code checks no address. The memory of an instance is followed by more than a 32-bit index and an offset can name, without access
// (memory.Guard); a fault of code that is registered here becomes a trap by the handler of SIGSEGV, SIGBUS, SIGFPE and SIGILL that this
// package puts before Go's. All other faults go to Go's handler as before.
//
// # Profiles
//
// A CPU profile of Go shows all of this code as runtime._ExternalCode. Linux perf shows the functions by their names when it finds the file
// with symbols that the build keeps in its cache beside the one that it packs.
package native
