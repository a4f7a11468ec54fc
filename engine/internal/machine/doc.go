// Package machine runs WebAssembly programs as processes of the kernel. It is the one place that
// knows wazero: programs are compiled once, instantiated for each process, forked by copying
// memory, and call back through host functions that see a [kernel.Process] and a stack of words.
//
// A [Machine] and its programs are safe for concurrent use. An instance belongs to its process's
// goroutine: only there are its memory, its exports and its host functions touched.
package machine
