// Package hostcall has the types of the functions that a guest imports from its host. Package emscripten fills a
// [Table], the engines link it to a program.
package hostcall

import "github.com/pglite-toolbox/pglite/engine/internal/kernel"

// Func is a function that the guest imports. Arguments come in stack, the result goes to its first word.
type Func struct {
	Signature string // "ii:i": letters of parameters and results, i for i32, j for i64, f for f32, d for f64
	Call      func(p *kernel.Process, stack []uint64)
}

// Table has host functions by module and name.
type Table map[string]map[string]Func
