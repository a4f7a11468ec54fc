package wasm

import (
	"context"
	"strings"
	"testing"

	"github.com/tetratelabs/wazero/api"
)

// loopCases are functions of one i32 n, and the iterations of all their loops.
var loopCases = []struct {
	name, locals, code string
	iterations         func(n int) int
}{
	{
		"counting", "i", `loop local.get 1 i32.const 1 i32.add local.tee 1 local.get 0 i32.lt_s br_if 0 end local.get 1`,
		func(n int) int { return max(n, 1) },
	},
	{
		"nested", "iii", `loop i32.const 0 local.set 2
		loop local.get 3 i32.const 3 i32.add local.set 3
			local.get 2 i32.const 1 i32.add local.tee 2 i32.const 4 i32.lt_s br_if 0 end
		local.get 1 i32.const 1 i32.add local.tee 1 local.get 0 i32.lt_s br_if 0 end local.get 3`,
		func(n int) int { return max(n, 1) * 5 },
	},
	{
		"parameters", "", `i32.const 7 local.get 0 loop:1 i32.const 1 i32.sub local.tee 0
		local.get 0 i32.const 0 i32.lt_s if:2 i32.add return else end br 0 end`,
		func(n int) int { return max(n, 0) + 1 },
	},
	{
		"branch table", "i", `block block loop local.get 1 i32.const 1 i32.add local.tee 1
		local.get 0 i32.lt_s br_table 1 0 2 end end end local.get 1`,
		func(n int) int { return max(n, 1) },
	},
	{"after return", "", `local.get 0 return loop br 0 end`, func(int) int { return 0 }},
}

// loopModule has the function "f" with the given code, the same as "quiet",
// and a hook that calls env.host.
func loopModule(t testing.TB, locals, code string) []byte {
	b := &builder{}
	b.importFunction("host", types("i"), types("i"))
	b.typeIndex(types("ii"), types("i")) // 1
	b.typeIndex(types("ii"), types("ii"))
	b.global(1, 65536)
	b.function(t, "f", types("i"), types("i"), types(locals), code)
	quiet := b.function(t, "", types("i"), types("i"), types(locals), code)
	hook := b.function(t, "hook", nil, nil, types("i"),
		`loop local.get 0 i32.const 1 i32.add local.tee 0 i32.const 10 i32.lt_s br_if 0 end local.get 0 call 0 drop`)
	b.function(t, "callQuiet", types("i"), types("i"), nil, "local.get 0 call 2")
	b.nameSection(map[uint32]string{quiet: "quiet", hook: "named"}, map[uint32]string{0: "__stack_pointer"})
	return b.module()
}

func TestLoopHook(t *testing.T) {
	t.Parallel()
	const every = 3
	opts := Options{LoopHook: LoopHook{Function: "hook", Every: every, CounterExport: "fuel"}, NoHook: []string{"quiet", "absent"}}
	for _, c := range loopCases {
		t.Run(c.name, func(t *testing.T) {
			module := loopModule(t, c.locals, c.code)
			hooked := rewrite(t, module, opts)
			sameOutcomes(t, module, hooked, "f", []uint64{0, 1, 2, 3, 50})
			forEachEngine(t, func(t *testing.T, engine string) {
				calls := 0
				m := instantiate(t, engine, hooked, func(api.Module, uint32) { calls++ })
				iterations := 0
				for _, n := range []int{0, 1, 2, 5, 100} {
					outcome(m, "callQuiet", []uint64{uint64(n)})
					outcome(m, "f", []uint64{uint64(n)})
					iterations += c.iterations(n)
				}
				if calls != iterations/every {
					t.Errorf("%d calls of the hook in %d iterations", calls, iterations)
				}
				if got, want := m.ExportedGlobal("fuel").Get(), uint64(every-iterations%every); got != want {
					t.Errorf("counter %d, want %d", got, want)
				}
			})
		})
	}
}

// TestLoopHookBatch counts the calls of a hook whose loops count in batches, as the cases' loops are nested.
func TestLoopHookBatch(t *testing.T) {
	t.Parallel()
	const every, batch = 9, 4
	models := map[string]func(n int, countdown func(by int)){
		"counting": func(n int, countdown func(int)) {
			for range max(n, 1) / batch {
				countdown(batch)
			}
		},
		"nested": func(n int, countdown func(int)) { // the inner loop's four iterations are a batch
			for range max(n, 1) {
				countdown(1)
				countdown(batch)
			}
		},
	}
	for _, c := range loopCases {
		model := models[c.name]
		if model == nil {
			continue
		}
		delete(models, c.name)
		t.Run(c.name, func(t *testing.T) {
			module := loopModule(t, c.locals, c.code)
			hooked := rewrite(t, module, Options{
				LoopHook: LoopHook{Function: "hook", Every: every, Batch: batch, CounterExport: "fuel"}, NoHook: []string{"quiet"},
			})
			sameOutcomes(t, module, hooked, "f", []uint64{0, 1, 2, 3, 50})
			forEachEngine(t, func(t *testing.T, engine string) {
				calls, want, counter := 0, 0, every
				m := instantiate(t, engine, hooked, func(api.Module, uint32) { calls++ })
				for _, n := range []int{0, 1, 3, 4, 5, 100, 2} {
					outcome(m, "f", []uint64{uint64(n)})
					model(n, func(by int) {
						if counter -= by; counter <= 0 {
							counter, want = every, want+1
						}
					})
				}
				if got := m.ExportedGlobal("fuel").Get(); calls != want || got != uint64(counter) {
					t.Errorf("%d calls of the hook, counter %d; want %d and %d", calls, got, want, counter)
				}
			})
		})
	}
	if len(models) > 0 {
		t.Errorf("no cases for %v", models)
	}
}

// TestLoopHookCounter sets the counter from the host, so that the next
// iteration calls the hook.
func TestLoopHookCounter(t *testing.T) {
	t.Parallel()
	module := loopModule(t, "i", loopCases[0].code)
	hooked := rewrite(t, module, Options{LoopHook: LoopHook{Function: "named", Every: 1 << 30, CounterExport: "fuel"}})
	forEachEngine(t, func(t *testing.T, engine string) {
		calls := 0
		m := instantiate(t, engine, hooked, func(api.Module, uint32) { calls++ })
		outcome(m, "f", []uint64{1000})
		m.ExportedGlobal("fuel").(api.MutableGlobal).Set(1)
		outcome(m, "f", []uint64{1000})
		if calls != 1 {
			t.Errorf("%d calls of the hook, want 1", calls)
		}
	})
}

// TestLoopHookEnds interrupts a loop that would never end.
func TestLoopHookEnds(t *testing.T) {
	t.Parallel()
	hooked := rewrite(t, loopModule(t, "i", "loop br 0 end unreachable"), Options{LoopHook: LoopHook{Function: "hook", Every: 100, Batch: 64}})
	forEachEngine(t, func(t *testing.T, engine string) {
		calls := 0
		m := instantiate(t, engine, hooked, func(api.Module, uint32) {
			if calls++; calls == 10 {
				panic("enough")
			}
		})
		if _, err := m.ExportedFunction("f").Call(context.Background(), 1); err == nil || calls != 10 {
			t.Errorf("%d calls, error %v", calls, err)
		}
	})
}

func TestLoopHookErrors(t *testing.T) {
	t.Parallel()
	module := loopModule(t, "i", loopCases[0].code)
	for _, c := range []struct {
		name string
		hook LoopHook
		want string
	}{
		{"absent", LoopHook{Function: "absent", Every: 1}, "0 functions of that name"},
		{"with parameters", LoopHook{Function: "f", Every: 1}, "(i32) -> (i32)"},
		{"never", LoopHook{Function: "hook"}, "Every is 0"},
		{"too seldom", LoopHook{Function: "hook", Every: 1 << 31}, "Every is 2147483648"},
		{"batch", LoopHook{Function: "hook", Every: 1, Batch: 6}, "Batch is 6"},
		{"export taken", LoopHook{Function: "hook", Every: 1, CounterExport: "f"}, `as "f"`},
	} {
		if _, err := Rewrite(module, Options{LoopHook: c.hook}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}
