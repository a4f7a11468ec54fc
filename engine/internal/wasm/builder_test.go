package wasm

import (
	"encoding/binary"
	"math"
	"strconv"
	"strings"
	"testing"
)

// builder assembles small modules. Functions refer to each other by number:
// imported ones first, then defined ones in order.
type builder struct {
	types     []FunctionType
	imports   [][]byte
	functions []builtFunction
	tables    [][]byte
	memories  [][]byte
	globals   [][]byte
	exports   [][]byte
	start     []byte
	elements  [][]byte
	data      [][]byte
	dataCount bool
	trailer   []byte
}

type builtFunction struct {
	typeIndex uint32
	locals    []ValueType
	code      []byte
}

func (b *builder) typeIndex(params, results []ValueType) uint32 {
	want := FunctionType{params, results}
	for i, have := range b.types {
		if have.Equal(want) {
			return uint32(i)
		}
	}
	b.types = append(b.types, want)
	return uint32(len(b.types) - 1)
}

// function adds a function; if it has a name, it is exported under it.
func (b *builder) function(t testing.TB, name string, params, results, locals []ValueType, text string) uint32 {
	t.Helper()
	index := uint32(len(b.functions))
	for _, i := range b.imports {
		if i[len(i)-2] == byte(FunctionKind) {
			index++
		}
	}
	b.functions = append(b.functions, builtFunction{b.typeIndex(params, results), locals, append(assemble(t, text), byte(opEnd))})
	if name != "" {
		b.export(name, FunctionKind, index)
	}
	return index
}

func (b *builder) export(name string, kind ExternKind, index uint32) {
	b.exports = append(b.exports, appendU32(append(appendName(nil, name), byte(kind)), index))
}

// importFunction imports a function from "env"; types number below 128.
func (b *builder) importFunction(name string, params, results []ValueType) {
	entry := appendName(appendName(nil, "env"), name)
	b.imports = append(b.imports, append(entry, byte(FunctionKind), byte(b.typeIndex(params, results))))
}

func (b *builder) global(mutable byte, value uint32) uint32 {
	b.globals = append(b.globals, append(appendI32Const([]byte{byte(I32), mutable}, value), byte(opEnd)))
	return uint32(len(b.globals) - 1)
}

func (b *builder) activeData(offset uint32, content string) {
	b.data = append(b.data, appendName(append(appendI32Const([]byte{activeSegment}, offset), byte(opEnd)), content))
}

// nameSection appends a name section with one subsection for each map given.
func (b *builder) nameSection(functions, globals map[uint32]string) {
	payload := appendName(nil, "name")
	for _, sub := range []struct {
		id    byte
		names map[uint32]string
	}{{functionNames, functions}, {globalNames, globals}} {
		entries := appendU32(nil, uint32(len(sub.names)))
		for i := range uint32(1000) {
			if name, ok := sub.names[i]; ok {
				entries = appendName(appendU32(entries, i), name)
			}
		}
		payload = append(appendU32(append(payload, sub.id), uint32(len(entries))), entries...)
	}
	b.trailer = append(appendU32(append(b.trailer, customSection), uint32(len(payload))), payload...)
}

func (b *builder) module() []byte {
	out := append([]byte(nil), moduleHeader...)
	vector := func(id byte, items [][]byte) {
		if len(items) > 0 {
			out = appendPieces(out, id, append([][]byte{appendU32(nil, uint32(len(items)))}, items...))
		}
	}
	var types, indices, bodies [][]byte
	for _, t := range b.types {
		types = append(types, appendFunctionType(nil, t))
	}
	for _, f := range b.functions {
		indices = append(indices, appendU32(nil, f.typeIndex))
		body := appendU32(nil, uint32(len(f.locals)))
		for _, l := range f.locals {
			body = append(body, 1, byte(l))
		}
		body = append(body, f.code...)
		bodies = append(bodies, append(appendU32(nil, uint32(len(body))), body...))
	}
	vector(typeSection, types)
	vector(importSection, b.imports)
	vector(functionSection, indices)
	vector(tableSection, b.tables)
	vector(memorySection, b.memories)
	vector(globalSection, b.globals)
	vector(exportSection, b.exports)
	if b.start != nil {
		out = appendPieces(out, startSection, [][]byte{b.start})
	}
	vector(elementSection, b.elements)
	if b.dataCount {
		out = appendPieces(out, dataCountSection, [][]byte{appendU32(nil, uint32(len(b.data)))})
	}
	vector(codeSection, bodies)
	vector(dataSection, b.data)
	return append(out, b.trailer...)
}

// mnemonics are the instructions that the tests write.
var mnemonics = map[string]opcode{
	"unreachable": 0x00, "nop": 0x01, "block": opBlock, "loop": opLoop, "if": opIf, "else": opElse, "end": opEnd,
	"br": opBr, "br_if": opBrIf, "br_table": opBrTable, "return": opReturn, "call": opCall,
	"call_indirect": opCallIndirect, "return_call": opReturnCall, "drop": opDrop, "select": opSelect,
	"select_t": opSelectTyped, "local.get": opLocalGet, "local.set": opLocalSet, "local.tee": opLocalTee,
	"global.get": opGlobalGet, "global.set": opGlobalSet, "i32.load": 0x28, "i32.load8_u": 0x2d, "i32.store": 0x36,
	"i32.const": opI32Const, "i64.const": opI64Const, "f32.const": opF32Const, "f64.const": opF64Const,
	"i32.eqz": opI32Eqz, "i32.lt_s": 0x48, "i32.ge_s": 0x4e, "i32.add": opI32Add, "i32.sub": opI32Sub,
	"i32.mul": opI32Mul, "i32.and": 0x71, "i64.add": opI64Add, "f32.add": 0x92, "f64.add": 0xa0, "f64.mul": 0xa2,
	"f64.lt": 0x63, "f64.convert_i32_s": 0xb7, "i64.extend_i32_u": 0xad, "i32.reinterpret_f32": opI32ReinterpretF32,
	"i64.reinterpret_f64": opI64ReinterpretF64, "f32.reinterpret_i32": opF32ReinterpretI32,
	"f64.reinterpret_i64": opF64ReinterpretI64, "ref.null": opRefNull, "ref.is_null": opRefIsNull,
	"memory.init": opMemoryInit, "i32.trunc_sat_f64_s": 0xfc02, "i64x2.splat": 0xfd12, "i64x2.extract_lane": 0xfd1d,
	"i32.atomic.rmw.add": 0xfe1e, "atomic.fence": 0xfe03,
}

// assemble turns instructions such as "local.get 0 block:f64 br 1 end" into
// code. A block type is a value type or the number of a type.
func assemble(t testing.TB, text string) (code []byte) {
	t.Helper()
	tokens := strings.Fields(text)
	for len(tokens) > 0 {
		word, blockType, _ := strings.Cut(tokens[0], ":")
		tokens = tokens[1:]
		op, ok := mnemonics[word]
		if !ok {
			t.Fatalf("unknown instruction %q", word)
		}
		if op < 0x100 {
			code = append(code, byte(op))
		} else {
			code = appendU32(append(code, byte(op>>8)), uint32(op&0xff))
		}
		n := 0
		for n < len(tokens) && (tokens[n][0] == '-' || tokens[n][0] >= '0' && tokens[n][0] <= '9') {
			n++
		}
		code = appendImmediates(t, code, signatureOf(op).immediate, blockType, tokens[:n])
		tokens = tokens[n:]
	}
	return code
}

func appendImmediates(t testing.TB, code []byte, kind immediate, typeName string, words []string) []byte {
	t.Helper()
	numbers := make([]int64, len(words))
	for i, word := range words {
		var err error
		if numbers[i], err = strconv.ParseInt(word, 0, 64); err != nil && kind != imm4Bytes && kind != imm8Bytes {
			t.Fatal(err)
		}
	}
	switch kind {
	case immBlockType:
		return append(code, blockTypeByte(t, typeName))
	case immSelectTypes:
		return append(code, 1, blockTypeByte(t, typeName))
	case immReference:
		return append(code, blockTypeByte(t, typeName))
	case immS32:
		return appendS32(code, int32(numbers[0]))
	case immS64: // small ones only
		return appendS32(code, int32(numbers[0]))
	case imm4Bytes:
		return binary.LittleEndian.AppendUint32(code, math.Float32bits(float32(parseFloat(t, words[0]))))
	case imm8Bytes:
		return binary.LittleEndian.AppendUint64(code, math.Float64bits(parseFloat(t, words[0])))
	case immBranchTable:
		code = appendU32(code, uint32(len(numbers)-1))
	}
	for _, n := range numbers {
		code = appendU32(code, uint32(n))
	}
	return code
}

func parseFloat(t testing.TB, word string) float64 {
	t.Helper()
	f, err := strconv.ParseFloat(word, 64)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func blockTypeByte(t testing.TB, name string) byte {
	t.Helper()
	if name == "" {
		return emptyBlockType
	}
	for vt, n := range valueTypeNames {
		if n == name {
			return byte(vt)
		}
	}
	n, err := strconv.Atoi(name)
	if err != nil || n > 63 {
		t.Fatalf("block type %q", name)
	}
	return byte(n)
}

// Short names for signatures in tests.
func types(letters string) (list []ValueType) {
	for _, l := range letters {
		list = append(list, map[rune]ValueType{'i': I32, 'l': I64, 'f': F32, 'd': F64, 'v': V128}[l])
	}
	return list
}
