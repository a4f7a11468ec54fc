package emscripten

import (
	"github.com/pglite-toolbox/pglite/engine/internal/errno"
	"github.com/pglite-toolbox/pglite/engine/internal/hostcall"
	"github.com/pglite-toolbox/pglite/engine/internal/kernel"
)

// Imports returns all host functions.
func Imports() hostcall.Table {
	return hostcall.Table{
		"pglite":                 join(processCalls, waitCalls, ioCalls, statCalls, memoryCalls, networkCalls),
		"env":                    join(fileCalls, pathCalls, socketCalls),
		"wasi_snapshot_preview1": wasiCalls,
	}
}

type calls = map[string]hostcall.Func

func join(groups ...calls) calls {
	all := calls{}
	for _, g := range groups {
		for name, f := range g {
			all[name] = f
		}
	}
	return all
}

// ptr is an address in the guest.
type ptr = kernel.Ptr

// call is a host call in progress: the process and its words.
type call struct {
	*kernel.Process
	stack []uint64
}

func (c call) i32(n int) int32   { return int32(c.stack[n]) }
func (c call) u32(n int) uint32  { return uint32(c.stack[n]) }
func (c call) ptr(n int) ptr     { return ptr(c.stack[n]) }
func (c call) i64(n int) int64   { return int64(c.stack[n]) }
func (c call) name(n int) string { return c.cstring(c.ptr(n)) }

// result makes a host function of one that returns a number or an error.
func result(signature string, f func(c call) (int32, error)) hostcall.Func {
	return hostcall.Func{Signature: signature, Call: func(p *kernel.Process, stack []uint64) {
		c := call{p, stack}
		n, err := f(c)
		if err != nil {
			n = -int32(errno.Of(err))
		}
		stack[0] = uint64(uint32(n))
	}}
}

// status makes a host function of one that returns only an error.
func status(signature string, f func(c call) error) hostcall.Func {
	return result(signature, func(c call) (int32, error) { return 0, f(c) })
}

// blocking is result for calls that may wait: a killed process does not return from them.
func blocking(signature string, f func(c call) (int32, error)) hostcall.Func {
	return result(signature, func(c call) (int32, error) {
		n, err := f(c)
		c.CheckKilled()
		return n, err
	})
}

// nothing makes a host function without a result.
func nothing(signature string, f func(c call)) hostcall.Func {
	return hostcall.Func{Signature: signature, Call: func(p *kernel.Process, stack []uint64) { f(call{p, stack}) }}
}

type hostFunc = hostcall.Func
