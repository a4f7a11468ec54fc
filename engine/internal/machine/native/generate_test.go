//go:build linux && (amd64 || arm64)

package native

import (
	"encoding/binary"
	"math"
	"math/rand/v2"

	"github.com/pglite-toolbox/pglite/engine/internal/wasm"
)

// module assembles a module for tests: with a memory of one to three memory pages, a table, a passive data segment and some globals.
type module struct {
	types     []wasm.FunctionType
	imports   []byte
	imported  int
	functions []int // types
	bodies    [][]byte
	exports   []byte
	exported  int
	table     []byte // function indexes
	elements  int
}

func unsigned(b []byte, v uint64) []byte { return binary.AppendUvarint(b, v) }

func signed(b []byte, v int64) []byte {
	for {
		c := byte(v & 0x7f)
		v >>= 7
		if v == 0 && c&0x40 == 0 || v == -1 && c&0x40 != 0 {
			return append(b, c)
		}
		b = append(b, c|0x80)
	}
}

func text(b []byte, s string) []byte { return append(unsigned(b, uint64(len(s))), s...) }

func (m *module) typeIndex(t wasm.FunctionType) int {
	for i, have := range m.types {
		if have.Equal(t) {
			return i
		}
	}
	m.types = append(m.types, t)
	return len(m.types) - 1
}

// importFunction must come before all functions.
func (m *module) importFunction(from, name string, t wasm.FunctionType) int {
	m.imports = unsigned(append(text(text(m.imports, from), name), 0), uint64(m.typeIndex(t)))
	m.imported++
	return m.imported - 1
}

// function adds a function, exported under its name if it has one; code is without its end.
func (m *module) function(name string, t wasm.FunctionType, locals []wasm.ValueType, code []byte) int {
	index := m.imported + len(m.functions)
	m.functions = append(m.functions, m.typeIndex(t))
	body := unsigned(nil, uint64(len(locals)))
	for _, l := range locals {
		body = append(body, 1, byte(l))
	}
	m.bodies = append(m.bodies, append(append(body, code...), 0x0b))
	if name != "" {
		m.exports = unsigned(append(text(m.exports, name), 0), uint64(index))
		m.exported++
	}
	return index
}

// element adds a function to the table.
func (m *module) element(function int) {
	m.table, m.elements = unsigned(m.table, uint64(function)), m.elements+1
}

// Globals of every module.
const (
	globalStack = iota // exported as __stack_pointer
	globalI64
	globalF64
	globalConstant // an immutable i32
)

const tableSize = 16

func (m *module) bytes() []byte {
	out := []byte("\x00asm\x01\x00\x00\x00")
	section := func(id byte, n int, content []byte) {
		if n > 0 {
			content = append(unsigned(nil, uint64(n)), content...)
			out = append(unsigned(append(out, id), uint64(len(content))), content...)
		}
	}
	var types, functions, code []byte
	for _, t := range m.types {
		types = append(types, 0x60)
		for _, list := range [][]wasm.ValueType{t.Params, t.Results} {
			types = unsigned(types, uint64(len(list)))
			for _, v := range list {
				types = append(types, byte(v))
			}
		}
	}
	for i, t := range m.functions {
		functions = unsigned(functions, uint64(t))
		code = append(unsigned(code, uint64(len(m.bodies[i]))), m.bodies[i]...)
	}
	section(1, len(m.types), types)
	section(2, m.imported, m.imports)
	section(3, len(m.functions), functions)
	section(4, 1, []byte{0x70, 1, tableSize, tableSize})
	section(5, 1, []byte{1, 1, 3})
	globals := append([]byte{byte(wasm.I32), 1, 0x41}, append(signed(nil, 60000), 0x0b)...)
	globals = append(globals, byte(wasm.I64), 1, 0x42, 7, 0x0b)
	globals = append(append(globals, byte(wasm.F64), 1, 0x44), append(binary.LittleEndian.AppendUint64(nil, math.Float64bits(-1.5)), 0x0b)...)
	section(6, 4, append(globals, byte(wasm.I32), 0, 0x41, 42, 0x0b))
	section(7, m.exported+2, append(append(text(append(text(nil, "__stack_pointer"), 3, globalStack), "memory"), 2, 0), m.exports...))
	section(9, 1, append([]byte{0, 0x41, 0, 0x0b}, append(unsigned(nil, uint64(m.elements)), m.table...)...))
	section(12, 0, nil)
	out = append(out, 12, 1, 1)
	section(10, len(m.bodies), code)
	section(11, 1, append([]byte{1}, text(nil, "the bytes of a passive data segment")...))
	return out
}

var valueTypes = []wasm.ValueType{wasm.I32, wasm.I64, wasm.F32, wasm.F64}

// generator makes functions of random code. They end: loops count down, and calls go to functions that were made before.
type generator struct {
	*rand.Rand
	m      *module
	ops    map[wasm.ValueType][]uint16 // instructions without effects, by result
	stores []uint16
	code   []byte
	locals []wasm.ValueType
	depth  int
	blocks int   // that can be left, of no results
	made   []int // functions to call
	fuel   int
}

func (g *generator) op(op uint16) {
	if op >= 0x100 {
		g.code = unsigned(append(g.code, byte(op>>8)), uint64(op&0xff))
		return
	}
	g.code = append(g.code, byte(op))
}

// edges are the values at which instructions change what they do.
var edges = map[wasm.ValueType][]uint64{
	wasm.I32: {0, 1, 2, 7, 31, 32, 33, 255, 0x7f, 0x80, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0x80000001, 0xffffffff},
	wasm.I64: {
		0, 1, 2, 7, 31, 63, 64, 65, 0x80, 0x8000, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000,
		0x7fffffffffffffff, 0x8000000000000000, 0x8000000000000001, 0xffffffffffffffff,
	},
	wasm.F32: floats32(0, 1, -1, 0.5, -0.5, 1.5, 2.5, -2.5, 0.99999994, -0.99999994, 2147483520, 2147483648, -2147483648, -2147483904, 4294967040,
		4294967296, 9223371487098961920, 9223372036854775808, -9223372036854775808, 18446742974197923840, 18446744073709551616, 1e-45, 3e38),
	wasm.F64: floats64(0, 1, -1, 0.5, -0.5, 1.5, 2.5, -2.5, 0.9999999999999999, -0.9999999999999999, 2147483647, 2147483647.5, 2147483648, -2147483648,
		-2147483648.9, -2147483649, 4294967295, 4294967295.5, 4294967296, 9223372036854774784, 9223372036854775808, -9223372036854775808,
		-9223372036854777856, 18446744073709549568, 18446744073709551616, 5e-324, 1e308, 1e39),
}

func floats32(values ...float32) (all []uint64) {
	for _, v := range values {
		all = append(all, uint64(math.Float32bits(v)))
	}
	return append(all, 0x80000000, 0x7f800000, 0xff800000, 0x7fc00000, 0xffc00001, 0x7fa00000)
}

func floats64(values ...float64) (all []uint64) {
	for _, v := range values {
		all = append(all, math.Float64bits(v))
	}
	return append(all, 1<<63, 0x7ff0000000000000, 0xfff0000000000000, 0x7ff8000000000000, 0xfff8000000000001, 0x7ff4000000000000)
}

func (g *generator) constant(t wasm.ValueType) {
	v := edges[t][g.IntN(len(edges[t]))]
	switch t {
	case wasm.I32:
		g.code = signed(append(g.code, 0x41), int64(int32(v)))
	case wasm.I64:
		g.code = signed(append(g.code, 0x42), int64(v))
	case wasm.F32:
		g.code = binary.LittleEndian.AppendUint32(append(g.code, 0x43), uint32(v))
	default:
		g.code = binary.LittleEndian.AppendUint64(append(g.code, 0x44), v)
	}
}

// address leaves an address that is mostly in the memory.
func (g *generator) address() {
	g.value(wasm.I32)
	if g.IntN(20) > 0 {
		g.code = append(signed(append(g.code, 0x41), 0xfff8), 0x71) // i32.and
	}
}

// access appends the immediate of a memory access: an alignment, which must be exact for atomics, and an offset.
func (g *generator) access(op uint16) {
	g.code = unsigned(append(g.code, alignment(op)), []uint64{0, 0, 8, 16, 60000, 70000, 0x4000000, 0xfffffff0}[g.IntN(8)])
}

// alignment is the exponent of an access's width where it has to be exact, else 0.
func alignment(op uint16) byte {
	if op>>8 != 0xfe {
		return 0
	}
	return [7]byte{2, 3, 0, 1, 0, 1, 2}[(op&0xff-0x10)%7]
}

func isAccess(op uint16) bool { return op >= 0x28 && op <= 0x3e || op>>8 == 0xfe && op&0xff >= 0x10 }

// value leaves a value of a type.
func (g *generator) value(t wasm.ValueType) {
	g.depth++
	defer func() { g.depth-- }()
	g.fuel--
	if g.depth > 5 || g.fuel < 0 {
		g.constant(t)
		return
	}
	switch n := g.IntN(12); {
	case n < 2:
		g.constant(t)
	case n < 5:
		g.local(0x20, t)
	case n == 5:
		g.choice(t)
	case n == 6 && t != wasm.F32:
		g.code = append(g.code, 0x23, map[wasm.ValueType]byte{wasm.I32: globalStack, wasm.I64: globalI64, wasm.F64: globalF64}[t])
	case n == 7 && len(g.made) > 0:
		g.call(t)
	default:
		op := g.ops[t][g.IntN(len(g.ops[t]))]
		operands, _, _ := wasm.Signature(op)
		for i, o := range operands {
			if i == 0 && isAccess(op) {
				g.address()
			} else {
				g.value(o)
			}
		}
		switch g.op(op); {
		case isAccess(op):
			g.access(op)
		case op == 0x3f:
			g.code = append(g.code, 0) // of the only memory
		}
	}
}

// local accesses a local of a type.
func (g *generator) local(op byte, t wasm.ValueType) {
	for {
		if i := g.IntN(len(g.locals)); g.locals[i] == t {
			g.code = unsigned(append(g.code, op), uint64(i))
			return
		}
	}
}

// choice leaves a value by select, or by if with results.
func (g *generator) choice(t wasm.ValueType) {
	if g.IntN(2) == 0 {
		g.value(t)
		g.value(t)
		g.value(wasm.I32)
		g.code = append(g.code, 0x1b)
		return
	}
	g.value(wasm.I32)
	g.code = append(g.code, 0x04, byte(t))
	g.value(t)
	g.code = append(g.code, 0x05)
	g.value(t)
	g.code = append(g.code, 0x0b)
}

// call calls a function, and makes a value of its result, which is an i64, of a type.
func (g *generator) call(t wasm.ValueType) {
	g.value(wasm.I32)
	g.value(wasm.F64)
	if g.IntN(3) == 0 {
		g.code = append(signed(append(g.code, 0x41), int64(g.IntN(tableSize))), 0x11)
		g.code = append(unsigned(g.code, uint64(g.m.typeIndex(generatedType))), 0)
	} else {
		g.code = unsigned(append(g.code, 0x10), uint64(g.made[g.IntN(len(g.made))]))
	}
	switch t {
	case wasm.I32:
		g.code = append(g.code, 0xa7)
	case wasm.F32:
		g.code = append(g.code, 0xb4)
	case wasm.F64:
		g.code = append(g.code, 0xb9)
	}
}

// generatedType is the type of all generated functions.
var generatedType = wasm.FunctionType{Params: []wasm.ValueType{wasm.I32, wasm.F64}, Results: []wasm.ValueType{wasm.I64}}

// statement appends code that leaves nothing.
func (g *generator) statement() {
	g.depth++
	defer func() { g.depth-- }()
	g.fuel--
	t := valueTypes[g.IntN(len(valueTypes))]
	switch n := g.IntN(14); {
	case n < 4:
		g.value(t)
		g.local(0x21, t)
	case n < 6:
		op := g.stores[g.IntN(len(g.stores))]
		operands, _, _ := wasm.Signature(op)
		g.address()
		g.value(operands[1])
		g.op(op)
		g.access(op)
	case n == 6:
		g.value(wasm.I64)
		g.code = append(g.code, 0x24, globalI64)
	case n == 7:
		g.bulk()
	case n == 8 && g.blocks > 0:
		g.value(wasm.I32)
		g.code = append(g.code, 0x0d, byte(g.IntN(g.blocks)))
	case n == 9 && g.blocks > 0:
		g.value(wasm.I32)
		g.code = append(g.code, 0x0e, 2, byte(g.IntN(g.blocks)), byte(g.IntN(g.blocks)), byte(g.IntN(g.blocks)))
	case n == 10 && g.IntN(10) == 0:
		g.value(wasm.I64)
		g.code = append(g.code, 0x0f)
	default:
		g.block()
	}
}

// block appends a block, an if or a loop that ends after some rounds.
func (g *generator) block() {
	if g.depth > 4 || g.fuel < 0 {
		g.code = append(g.code, 0x01)
		return
	}
	blocks := g.blocks
	switch g.IntN(3) {
	case 0:
		g.code = append(g.code, 0x02, 0x40)
		g.blocks++
		g.statements()
	case 1:
		g.value(wasm.I32)
		g.code = append(g.code, 0x04, 0x40)
		g.blocks++
		g.statements()
		g.code = append(g.code, 0x05)
		g.statements()
	default:
		counter := uint64(len(g.locals)) // nothing else uses it
		g.locals = append(g.locals, 0)
		g.code = unsigned(append(signed(append(g.code, 0x41), int64(1+g.IntN(5))), 0x21), counter)
		g.code = append(g.code, 0x02, 0x40, 0x03, 0x40)
		g.blocks = 0
		g.statements()
		g.code = append(unsigned(append(g.code, 0x20), counter), 0x41, 1, 0x6b)
		g.code = append(unsigned(append(g.code, 0x22), counter), 0x0d, 0, 0x0b)
	}
	g.code = append(g.code, 0x0b)
	g.blocks = blocks
}

func (g *generator) statements() {
	blocks := g.blocks
	for range 1 + g.IntN(4) {
		g.blocks = blocks
		g.statement()
	}
	g.blocks = blocks
}

// bulk appends memory.copy, memory.fill, memory.init or memory.grow.
func (g *generator) bulk() {
	g.address()
	switch g.IntN(4) {
	case 0:
		g.address()
		g.code = append(signed(append(g.code, 0x41), int64(g.IntN(3000))), 0xfc, 10, 0, 0)
	case 1:
		g.value(wasm.I32)
		g.code = append(signed(append(g.code, 0x41), int64(g.IntN(3000))), 0xfc, 11, 0)
	case 2:
		g.code = append(signed(append(signed(append(g.code, 0x41), int64(g.IntN(10))), 0x41), int64(g.IntN(40))), 0xfc, 8, 0, 0)
	default:
		g.code = append(g.code, 0x1a, 0x41, byte(g.IntN(2)), 0x40, 0, 0x1a)
	}
}
