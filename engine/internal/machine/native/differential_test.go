//go:build linux && (amd64 || arm64)

package native

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"

	"github.com/pglite-toolbox/pglite/engine/internal/wasm"
	"github.com/pglite-toolbox/pglite/engine/internal/wasm/ctranslate"
)

// bothEngines has an instance of one module by wazero's interpreter and one by machine code.
type bothEngines struct {
	t      testing.TB
	wazero api.Module
	native *Instance
}

func runBoth(t testing.TB, program string, module []byte) *bothEngines {
	t.Helper()
	p := loadAs(t, program, module, nil)
	ctx := context.Background()
	config := wazero.NewRuntimeConfigInterpreter().WithCoreFeatures(api.CoreFeaturesV2 | experimental.CoreFeaturesThreads)
	rt := wazero.NewRuntimeWithConfig(ctx, config)
	t.Cleanup(func() { _ = rt.Close(ctx) })
	m, err := rt.Instantiate(ctx, module)
	if err != nil {
		t.Fatal(err)
	}
	return &bothEngines{t, m, instance(t, p)}
}

// canonical makes one NaN of all: which one an instruction makes is left open.
func canonical(v uint64, t wasm.ValueType) uint64 {
	switch t {
	case wasm.I32:
		return uint64(uint32(v))
	case wasm.F32:
		if v &= 0xffffffff; v&0x7f800000 == 0x7f800000 && v&0x7fffff != 0 {
			return 0x7fc00000
		}
	case wasm.F64:
		if v&0x7ff0000000000000 == 0x7ff0000000000000 && v<<12 != 0 {
			return 0x7ff8000000000000
		}
	}
	return v
}

// call calls an export of both and compares the results, whether they trap, and the memories. It returns false after a difference.
func (b *bothEngines) call(name string, ft wasm.FunctionType, arguments []uint64) bool {
	b.t.Helper()
	results, wantErr := b.wazero.ExportedFunction(name).Call(context.Background(), slices.Clone(arguments)...)
	i := b.native
	copy(i.ctx.args[:], arguments)
	gotErr := i.call(i.program.entries[name])
	if (wantErr != nil) != (gotErr != nil) {
		b.t.Errorf("%s(%#x): machine code gives %v, wazero %v", name, arguments, gotErr, wantErr)
		return false
	}
	if wantErr == nil && len(results) > 0 {
		want, got := canonical(results[0], ft.Results[0]), canonical(i.ctx.args[0], ft.Results[0])
		if want != got {
			b.t.Errorf("%s(%#x): machine code gives %#x, wazero %#x", name, arguments, got, want)
			return false
		}
	}
	size := b.wazero.Memory().Size()
	want, _ := b.wazero.Memory().Read(0, size)
	if uint64(size) != i.ctx.size || !bytes.Equal(want, i.region.Bytes()[:size]) {
		b.t.Errorf("%s(%#x): the memories differ (%d bytes, %d with wazero)", name, arguments, i.ctx.size, size)
		return false
	}
	return true
}

// fixedInstructions are all that package ctranslate has forms for.
func fixedInstructions() (ops []uint16) {
	for op := range 0xffff {
		if _, ok := ctranslate.FormName(uint16(op)); ok {
			ops = append(ops, uint16(op))
		}
	}
	return ops
}

// values are what an operand is tried with.
func values(op uint16, operand int, t wasm.ValueType) []uint64 {
	if operand == 0 && isAccess(op) {
		return []uint64{0, 1, 4, 8, 4096, 65520, 65528, 65532, 65534, 65535, 65536, 0x7fffffff, 0x80000000, 0xfffffff8, 0xffffffff}
	}
	if operand == 1 && isNarrowExchange(op) {
		return []uint64{0, 1, 0x7f, 0x80, 0xff}
	}
	if op == 0x40 {
		return []uint64{0, 1, 3, 0xffffffff}
	}
	if op>>8 == 0xfc && op&0xff >= 8 {
		return []uint64{0, 1, 17, 33, 100, 2000, 64000, 65536, 0xffffffff}
	}
	return edges[t]
}

// isNarrowExchange is for atomic.rmwN.cmpxchg of fewer bits than the type has. What is expected must fit into them here: wazero cuts it off,
// the specification's test suite (atomic.wast, "compare false") does not.
func isNarrowExchange(op uint16) bool { return op >= 0xfe4a && op <= 0xfe4e }

// TestEveryInstruction runs each instruction that has a form with the values at which it changes what it does.
func TestEveryInstruction(t *testing.T) {
	m := &module{}
	m.function("pglite_tick", wasm.FunctionType{}, nil, nil)
	ops := fixedInstructions()
	if len(ops) < 200 {
		t.Fatalf("only %d instructions have forms", len(ops))
	}
	types := map[string]wasm.FunctionType{}
	offsets := []uint64{0, 3, 16, 65530, 0x4000000, 0xfffffff0}
	for _, op := range ops {
		operands, result, ok := wasm.Signature(op)
		if !ok {
			t.Fatalf("%#x has no signature", op)
		}
		ft := wasm.FunctionType{Params: operands}
		if result != 0 {
			ft.Results = []wasm.ValueType{result}
		}
		for n, offset := range offsets {
			if n > 0 && !isAccess(op) {
				break
			}
			g := &generator{}
			for i := range operands {
				g.code = append(g.code, 0x20, byte(i))
			}
			g.op(op)
			switch {
			case isAccess(op):
				g.code = unsigned(append(g.code, alignment(op)), offset)
			case op == 0x3f, op == 0x40, op == 0xfc0b, op == 0xfe03:
				g.code = append(g.code, 0)
			case op == 0xfc0a:
				g.code = append(g.code, 0, 0)
			}
			name := fmt.Sprintf("%#x+%d", op, offset)
			m.function(name, ft, nil, g.code)
			types[name] = ft
		}
	}
	both := runBoth(t, fast, m.bytes())
	fill(both)
	for _, op := range ops {
		operands, _, _ := wasm.Signature(op)
		var lists [][]uint64
		for i, o := range operands {
			lists = append(lists, values(op, i, o))
		}
		for _, offset := range offsets {
			name := fmt.Sprintf("%#x+%d", op, offset)
			if ft, ok := types[name]; ok {
				form, _ := ctranslate.FormName(op)
				t.Run(form+fmt.Sprintf("+%#x", offset), func(t *testing.T) {
					both.t = t
					combinations(lists, nil, func(arguments []uint64) bool { return both.call(name, ft, arguments) })
				})
			}
		}
	}
}

// fill gives both memories the same content.
func fill(b *bothEngines) {
	content := b.native.region.Bytes()[:b.native.ctx.size]
	r := rand.New(rand.NewPCG(1, 2))
	for i := range content {
		content[i] = byte(r.Uint32())
	}
	b.wazero.Memory().Write(0, content)
}

// combinations visits the lists' product, up to a number of members, until visit returns false.
func combinations(lists [][]uint64, chosen []uint64, visit func([]uint64) bool) bool {
	if len(lists) == 0 {
		return visit(chosen)
	}
	for _, v := range lists[0] {
		if !combinations(lists[1:], append(chosen, v), visit) {
			return false
		}
	}
	return true
}

// randomModule makes a module with functions of random code.
func randomModule(seed uint64, functions int) []byte {
	m := &module{}
	m.function("pglite_tick", wasm.FunctionType{}, nil, nil)
	g := &generator{Rand: rand.New(rand.NewPCG(seed, 0)), m: m, ops: map[wasm.ValueType][]uint16{}}
	for _, op := range fixedInstructions() {
		operands, result, _ := wasm.Signature(op)
		switch {
		case op == 0x40, isNarrowExchange(op):
		case result != 0:
			g.ops[result] = append(g.ops[result], op)
		case isAccess(op) && len(operands) == 2:
			g.stores = append(g.stores, op)
		}
	}
	for n := range functions {
		g.code, g.depth, g.blocks, g.fuel = nil, 0, 0, 150
		g.locals = []wasm.ValueType{wasm.I32, wasm.F64, wasm.I32, wasm.I64, wasm.F32, wasm.F64}
		for range 2 + g.IntN(6) {
			g.statement()
		}
		g.value(wasm.I64)
		locals := slices.Clone(g.locals[2:])
		for i, l := range locals {
			if l == 0 {
				locals[i] = wasm.I32
			}
		}
		index := m.function(fmt.Sprintf("f%d", n), generatedType, locals, g.code)
		g.made = append(g.made, index)
		if m.elements < tableSize-2 {
			m.element(index)
		} else if m.elements == tableSize-2 {
			m.element(0) // pglite_tick, of another type; the last element stays empty
		}
	}
	return m.bytes()
}

// TestRandomFunctions compares what functions of random code do.
func TestRandomFunctions(t *testing.T) {
	const seeds, functions = 3, 40
	for seed := range uint64(seeds) {
		compareRandom(t, seed, functions)
	}
}

// compareRandom compares a random module, half of them compiled as the server, half as another program.
func compareRandom(t testing.TB, seed uint64, functions int) {
	t.Helper()
	program := fast
	if seed%2 == 1 {
		program = small
	}
	if !compareFunctions(runBoth(t, program, randomModule(seed, functions)), functions) {
		t.Fatalf("seed %d", seed)
	}
}

// compareFunctions calls the functions of a random module until two results differ.
func compareFunctions(both *bothEngines, functions int) bool {
	for n := range functions {
		for _, a := range []uint64{0, 1, 5, 0x80000000, 0xffffffff} {
			for _, d := range floats64(0, -2.5, 1e300) {
				if !both.call(fmt.Sprintf("f%d", n), generatedType, []uint64{a, d}) {
					return false
				}
			}
		}
	}
	return true
}

// FuzzTranslate compares modules of random code; each takes the compiler a second.
func FuzzTranslate(f *testing.F) {
	for seed := range uint64(3) {
		f.Add(seed + 100)
	}
	f.Fuzz(func(t *testing.T, seed uint64) { compareRandom(t, seed, 20) })
}
