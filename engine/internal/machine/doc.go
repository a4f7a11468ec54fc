// Package machine is the seam between the kernel and what executes WebAssembly programs. An [Engine] loads a program of
// the runtime, and the program makes an instance for each process, which is forked by copying memory and calls back
// through host functions (package hostcall).
//
// What all engines have in common is here: how modules are prepared ([Rewrite]), which names they export, which
// functions an engine itself gives them, and how often their loops look at the host ([Pace]).
//
// An Engine and its programs are safe for concurrent use. An instance belongs to its process's goroutine: only there
// are its memory, its exports and its host functions touched.
package machine
