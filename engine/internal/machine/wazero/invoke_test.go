package wazero

import (
	"context"
	"slices"
	"testing"

	"github.com/tetratelabs/wazero/api"

	"github.com/pglite-toolbox/pglite/engine/internal/kernel"
)

// Indexes of the function table of invokeModule.
const (
	tableNothing = 0  // to 12: does nothing
	tableDeep    = 13 // takes half a MiB of the stack and throws a longjmp
	tableThrow   = 14 // throws a longjmp
	tableAgain   = 15 // calls tableNothing by invoke_v
)

func section(id byte, content string) string { return string([]byte{id, byte(len(content))}) + content }

// (module
//
//	(import "env" "_emscripten_throw_longjmp" (func)) (import "env" "invoke_v" (func (param i32)))
//	(func $nothing) (func $setThrew (param i32 i32)) (func $throw call 0) (func $again i32.const 0 call 1)
//	(func $deep i32.const 0x80000 global.set 0 call 0)
//	(table 16 funcref) (elem …) (memory 256 32768) (global (mut i32) i32.const 0x100000)
//	(export "__stack_pointer" (global 0)) (export "setThrew" (func 3)))
var invokeModule = []byte("\x00asm\x01\x00\x00\x00" +
	section(1, "\x03"+"\x60\x00\x00"+"\x60\x01\x7f\x00"+"\x60\x02\x7f\x7f\x00") +
	section(2, "\x02"+"\x03env\x19_emscripten_throw_longjmp\x00\x00"+"\x03env\x08invoke_v\x00\x01") +
	section(3, "\x05"+"\x00\x02\x00\x00\x00") +
	section(4, "\x01"+"\x70\x00\x10") +
	section(5, "\x01"+"\x01\x80\x02\x80\x80\x02") +
	section(6, "\x01"+"\x7f\x01\x41\x80\x80\xc0\x00\x0b") +
	section(7, "\x02"+"\x0f__stack_pointer\x03\x00"+"\x08setThrew\x00\x03") +
	section(9, "\x01"+"\x00\x41\x00\x0b\x10"+"\x02\x02\x02\x02\x02\x02\x02\x02\x02\x02\x02\x02\x02\x06\x04\x05") +
	section(10, "\x05"+"\x02\x00\x0b"+"\x02\x00\x0b"+"\x04\x00\x10\x00\x0b"+"\x06\x00\x41\x00\x10\x01\x0b"+"\x0a\x00\x41\x80\x80\x20\x24\x00\x10\x00\x0b"))

// newInvoker instantiates invokeModule and returns what calls an entry of its table as the module would.
func newInvoker(t testing.TB) (i *Instance, call func(index uint64)) {
	t.Helper()
	m := New(Config{})
	t.Cleanup(func() { _ = m.Close() })
	p, err := m.LoadModule(context.Background(), "invoker", invokeModule)
	if err != nil {
		t.Fatal(err)
	}
	if i, err = p.instantiate(&kernel.Process{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = i.Close() })
	v, stack := &invoke{params: []api.ValueType{}}, make([]uint64, 1)
	return i, func(index uint64) {
		stack[0] = index
		v.Call(i, nil, stack)
	}
}

func TestLongjmpRestoresTheStack(t *testing.T) {
	t.Parallel()
	i, call := newInvoker(t)
	before := i.stack.Get()
	for _, index := range []uint64{tableThrow, tableDeep, tableThrow} {
		call(index)
		if got := i.stack.Get(); got != before {
			t.Errorf("entry %d left the stack at %#x, want %#x", index, got, before)
		}
	}
}

func TestGrownStacksAreNotKept(t *testing.T) {
	t.Parallel()
	i, call := newInvoker(t)
	kept := func(index uint32) int { return len(i.calls.of(index).free) }
	for _, index := range []uint64{tableNothing, tableThrow, tableDeep} {
		call(index)
	}
	if a, b := kept(tableNothing), kept(tableThrow); a != 1 || b != 1 {
		t.Errorf("%d and %d functions are kept, want 1 of each", a, b)
	}
	if n := kept(tableDeep); n != 0 {
		t.Error("a function that used much stack is kept")
	}
	for range renewCalls {
		call(tableNothing + 1)
	}
	if a, b := kept(tableNothing), kept(tableNothing+1); a != 0 || b != 1 {
		t.Errorf("after many calls %d and %d functions are kept, want none of those before and 1 of those since", a, b)
	}
}

func TestIndexesWithTheSameLowBits(t *testing.T) {
	t.Parallel()
	var c callEngines
	a, b := c.of(3), c.of(3+uint32(len(c.near)))
	if a == b || c.of(3) != a || c.of(b.index) != b || a.index != 3 {
		t.Error("two indexes share their functions")
	}
}

func BenchmarkInvoke(b *testing.B) {
	for _, c := range []struct {
		name    string
		indexes []uint64
	}{{"one", []uint64{3}}, {"many", []uint64{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}}, {"nested", []uint64{tableAgain}}, {"longjmp", []uint64{tableThrow}}} {
		b.Run(c.name, func(b *testing.B) {
			_, call := newInvoker(b)
			indexes := slices.Repeat(c.indexes, 100)
			b.ReportAllocs()
			for n := 0; b.Loop(); n++ {
				call(indexes[n%len(indexes)])
			}
		})
	}
}
