package wasm

import (
	"strings"
	"testing"

	"github.com/tetratelabs/wazero/api"
)

// frameCases are functions that call function 1, "check_stack_depth", on every
// way, and leave in different ways.
var frameCases = []struct {
	name, params, results, locals, code string
}{
	{"end", "i", "", "", "call 1"},
	{"end with result", "i", "i", "", "call 1 local.get 0"},
	{"return", "i", "i", "", "call 1 local.get 0 i32.eqz if i32.const 5 return end local.get 0"},
	{"return in blocks", "i", "i", "i", `call 1 loop block block local.get 1 i32.const 1 i32.add local.tee 1 local.get 0 i32.ge_s
		if i32.const 6 local.get 1 return end end end br 0 end unreachable`},
	{"branch to the function", "i", "i", "", "call 1 i32.const 9 local.get 0 br_if 0 drop i32.const 8 br 0"},
	{"branch out of blocks", "i", "d", "", `call 1 block loop f64.const 1 local.get 0 br_if 2 drop local.get 0
		if:f64 f64.const 2 else f64.const 3 br 3 end return end end unreachable`},
	{"branch table", "i", "f", "", "call 1 block f32.const 1 local.get 0 br_table 1 1 1 end unreachable"},
	{"branch table to blocks", "i", "i", "", `call 1 block block block local.get 0 br_table 0 1 2 end i32.const 10 return end
		i32.const 11 br 0 end i32.const 12`},
	{"two results", "i", "id", "", "call 1 local.get 0 i32.eqz if i32.const 1 f64.const 2 return end i32.const 3 f64.const 4"},
	{"v128 inside", "i", "l", "v", "call 1 local.get 0 i64.extend_i32_u i64x2.splat local.tee 1 i64x2.extract_lane 1"},
	{"unreachable code", "i", "i", "", "call 1 local.get 0 return i32.add return drop"},
	{"recursion", "i", "i", "", `call 1 local.get 0 i32.eqz if i32.const 0 return end
		local.get 0 i32.const 1 i32.sub call 2 local.get 0 i32.add`},
	{"loop and select", "i", "d", "id", `call 1 loop local.get 2 f64.const 1 f64.add f64.const 0 local.get 1 i32.const 5 i32.lt_s select
		local.set 2 local.get 1 i32.const 1 i32.add local.tee 1 local.get 0 i32.lt_s br_if 0 end local.get 2`},
}

// frameModule: function 0 is env.host, 1 check_stack_depth, 2 "f" with the
// given code, 3 "other" that checks nothing.
func frameModule(t testing.TB, params, results, locals, code string) []byte {
	b := &builder{}
	b.importFunction("host", types("i"), types("i"))
	sp := b.global(1, 65536)
	check := b.function(t, "", nil, nil, nil, "global.get 0 call 0 drop")
	b.function(t, "f", types(params), types(results), types(locals), code)
	b.function(t, "other", nil, nil, nil, "")
	b.function(t, "hook", nil, nil, nil, "")
	b.export("sp", GlobalKind, sp)
	b.nameSection(map[uint32]string{check: "check_stack_depth"}, map[uint32]string{sp: "__stack_pointer"})
	return b.module()
}

func TestStackFrames(t *testing.T) {
	t.Parallel()
	opts := Options{StackFrames: StackFrames{Callees: []string{"check_stack_depth"}, Bytes: 256}}
	all := opts
	all.FixFloatSelect, all.LoopHook = true, LoopHook{Function: "hook", Every: 2}
	for _, c := range frameCases {
		t.Run(c.name, func(t *testing.T) {
			module := frameModule(t, c.params, c.results, c.locals, c.code)
			compile(t, module)
			for _, o := range []Options{opts, all} {
				framed := rewrite(t, module, o)
				sameOutcomes(t, module, framed, "f", []uint64{0, 1, 2, 3, 20})
				for engine := range engines {
					wantStackUse(t, engine, framed, 256)
				}
			}
			wantStackUse(t, "interpreter", module, 0)
		})
	}
}

// wantStackUse checks how far below the start the stack pointer is at the
// first check, and that it comes back.
func wantStackUse(t *testing.T, engine string, module []byte, bytes uint32) {
	t.Helper()
	var seen []uint32
	m := instantiate(t, engine, module, func(_ api.Module, sp uint32) { seen = append(seen, sp) })
	for n := range uint64(5) {
		seen = seen[:0]
		result := outcome(m, "f", []uint64{n})
		if len(seen) == 0 || seen[0] != 65536-bytes {
			t.Errorf("f(%d) in the %s: stack pointers %d at the checks, want first %d", n, engine, seen, 65536-bytes)
		}
		for depth, sp := range seen {
			if sp != 65536-bytes*uint32(depth+1) {
				t.Errorf("check %d: stack pointer %d", depth, sp)
			}
		}
		if sp := m.ExportedGlobal("sp").Get(); sp != 65536 || result == "trap" {
			t.Errorf("f(%d) in the %s: %s, stack pointer %d at the end", n, engine, result, sp)
		}
	}
}

// TestStackFramesOnlyCallers compares the bodies of the other functions, and of
// one with a tail call.
func TestStackFramesOnlyCallers(t *testing.T) {
	t.Parallel()
	opts := Options{StackFrames: StackFrames{Callees: []string{"check_stack_depth"}, Bytes: 64}}
	for _, code := range []string{"nop", "call 1 return_call 3", "block return_call 1 end"} {
		module := frameModule(t, "", "", "", code)
		if got := rewrite(t, module, opts); string(got) != string(module) {
			t.Errorf("%q got a frame", code)
		}
	}
}

func TestStackFramesErrors(t *testing.T) {
	t.Parallel()
	module := frameModule(t, "", "", "", "call 1")
	b := &builder{}
	b.function(t, "check", nil, nil, nil, "")
	for _, c := range []struct {
		module []byte
		frames StackFrames
		want   string
	}{
		{module, StackFrames{Callees: []string{"check_stack_depth", "absent"}, Bytes: 64}, `"absent"`},
		{module, StackFrames{Callees: []string{"check_stack_depth"}}, "Bytes is 0"},
		{module, StackFrames{Callees: []string{"check_stack_depth"}, Bytes: 24}, "multiple of 16"},
		{b.module(), StackFrames{Callees: []string{"check"}, Bytes: 16}, "__stack_pointer"},
	} {
		if _, err := Rewrite(c.module, Options{StackFrames: c.frames}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v, want %q", c.frames, err, c.want)
		}
	}
}
