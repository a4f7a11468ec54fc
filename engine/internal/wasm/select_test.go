package wasm

import (
	"fmt"
	"math"
	"testing"
)

var (
	conditions = []uint64{0, 1, 2, 0x80000000, 0xffffffff}
	doubles    = []uint64{
		0, math.Float64bits(1.5), math.Float64bits(math.Copysign(0, -1)), math.Float64bits(math.Inf(1)),
		0x7ff8000000000000, 0x7ff0000000000001, 0xfff8dead0000beef, // NaNs: quiet, signalling, with payload
	}
	floats = []uint64{0, uint64(math.Float32bits(2.5)), 0x80000000, 0x7fc00000, 0x7f800001, 0xffc0beef}
)

// selectCases are functions, the number of float selects in each, and
// arguments to try.
var selectCases = []struct {
	name                    string
	params, results, locals string
	code                    string
	selects                 int
	values                  [][]uint64
}{
	{"f64", "ddi", "d", "", "local.get 0 local.get 1 local.get 2 select", 1, [][]uint64{doubles, doubles, conditions}},
	{"f32", "ffi", "f", "", "local.get 0 local.get 1 local.get 2 select", 1, [][]uint64{floats, floats, conditions}},
	{"typed f64", "ddi", "d", "", "local.get 0 local.get 1 local.get 2 select_t:f64", 1, [][]uint64{doubles, doubles, conditions}},
	{"typed f32", "ffi", "f", "", "local.get 0 local.get 1 local.get 2 select_t:f32", 1, [][]uint64{floats, floats, conditions}},
	{"i32 stays", "iii", "i", "", "local.get 0 local.get 1 local.get 2 select", 0, [][]uint64{{1, 2}, {3}, conditions}},
	{"i64 stays", "lli", "l", "", "local.get 0 local.get 1 local.get 2 select_t:i64", 0, [][]uint64{{1, 2}, {3}, conditions}},
	{"reference stays", "i", "i", "", "ref.null:externref ref.null:externref local.get 0 select_t:externref ref.is_null", 0, [][]uint64{conditions}},
	{"v128", "lli", "ll", "v", `local.get 0 i64x2.splat local.get 1 i64x2.splat local.get 2 select
		local.tee 3 i64x2.extract_lane 0 local.get 3 i64x2.extract_lane 1`, 1, [][]uint64{doubles, doubles, conditions}},
	{
		"mixed with locals", "ddffii", "d", "idl", `local.get 0 local.get 1 local.get 4 select local.set 7
		local.get 2 local.get 3 local.get 5 select i32.reinterpret_f32 local.set 6
		local.get 6 i64.extend_i32_u local.get 8 local.get 6 select local.set 8
		local.get 7 local.get 8 f64.reinterpret_i64 local.get 4 select`, 3,
		[][]uint64{doubles[:3], doubles[3:], floats[:2], floats[3:], conditions, {0, 1}},
	},
	{
		"nested selects", "dddii", "d", "", `local.get 0 local.get 1 local.get 2 local.get 3 select local.get 4 select`, 2,
		[][]uint64{doubles[:3], doubles[2:5], doubles[4:], conditions, conditions},
	},
	{
		"in blocks", "di", "d", "", `block:f64 local.get 0 loop:f64 f64.const 2 f64.const 3
		local.get 1 select end local.get 1 select local.get 1 if:f64 f64.const 8 br 1 else f64.const 9 end f64.add end`, 2,
		[][]uint64{doubles, conditions},
	},
	{"after return", "di", "d", "", "local.get 0 return local.get 0 f64.const 1 local.get 1 select", 1, [][]uint64{doubles, conditions}},
	{"unknown operand", "di", "d", "", "local.get 0 return f64.const 1 local.get 1 select", 1, [][]uint64{doubles, conditions}},
	{
		"unknown operands", "di", "d", "", "block br 0 select drop end block unreachable i32.const 1 select drop end local.get 0", 0,
		[][]uint64{doubles, {1}},
	},
	{"after branches", "ddi", "d", "", `block:f64 local.get 0 local.get 2 br_if 0 local.get 1 local.get 2 br_table 0 0 1 0
		f64.const 3 local.get 2 select f64.add end local.get 1 local.get 2 select`, 2, [][]uint64{doubles, doubles, {0, 1, 2, 3, 9}}},
	{
		"multi-value", "di", "dd", "", "local.get 0 f64.const 4 block:1 local.get 1 select local.get 0 end local.get 1 local.get 1 i32.eqz drop drop", 1,
		[][]uint64{doubles, conditions},
	},
}

func TestFixFloatSelect(t *testing.T) {
	t.Parallel()
	for _, c := range selectCases {
		t.Run(c.name, func(t *testing.T) {
			b := &builder{}
			b.typeIndex(nil, nil)
			b.typeIndex(types("dd"), types("dd"))
			b.function(t, "f", types(c.params), types(c.results), types(c.locals), c.code)
			module := b.module()
			compile(t, module)
			wantFloatSelects(t, module, c.selects)
			fixed := rewrite(t, module, Options{FixFloatSelect: true})
			wantFloatSelects(t, fixed, 0)
			if c.selects == 0 && string(fixed) != string(module) {
				t.Error("a module without float selects was changed")
			}
			sameOutcomes(t, module, fixed, "f", c.values...)
		})
	}
}

func wantFloatSelects(t *testing.T, module []byte, want int) {
	t.Helper()
	if got, err := FloatSelects(module); err != nil || got != want {
		t.Fatalf("FloatSelects: %d, %v; want %d", got, err, want)
	}
}

// TestFloatSelectUnderPressure runs a function with more live floats than there
// are XMM registers, which wazero 1.12.0 gets wrong on amd64.
func TestFloatSelectUnderPressure(t *testing.T) {
	t.Parallel()
	code := ""
	const n = 24
	for i := range n {
		code += fmt.Sprintf("local.get 0 f64.const %d f64.add local.set %d ", i, i+2)
	}
	for i := range n {
		code += fmt.Sprintf("local.get %d local.get %d local.get 1 i32.const %d i32.and select ", i+2, (i*7)%n+2, i%3+1)
	}
	for i := range n - 1 {
		code += fmt.Sprintf("f64.const %d f64.mul f64.add ", i%5+1)
	}
	for i := range n {
		code += fmt.Sprintf("local.get %d f64.add ", i+2)
	}
	locals := make([]ValueType, n)
	for i := range locals {
		locals[i] = F64
	}
	b := &builder{}
	b.function(t, "f", types("di"), types("d"), locals, code)
	module := b.module()
	wantFloatSelects(t, module, n)
	fixed := rewrite(t, module, Options{FixFloatSelect: true})
	wantFloatSelects(t, fixed, 0)
	sameOutcomes(t, module, fixed, "f", []uint64{0, math.Float64bits(1.25)}, conditions)
}
