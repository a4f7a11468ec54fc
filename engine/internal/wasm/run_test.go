package wasm

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
)

const features = api.CoreFeaturesV2 | experimental.CoreFeaturesThreads | experimental.CoreFeaturesTailCall

// engines are wazero's ways to run a module.
var engines = map[string]func() wazero.RuntimeConfig{
	"interpreter": wazero.NewRuntimeConfigInterpreter,
	"compiler":    wazero.NewRuntimeConfigCompiler,
}

// hostCall is what the host function env.host does: it may look at the
// module, and returns its argument plus 1.
type hostCall func(m api.Module, argument uint32)

// instantiate runs a module in one engine, with env.host and a memory
// env.memory to import.
func instantiate(t testing.TB, engine string, module []byte, host hostCall) api.Module {
	t.Helper()
	ctx := context.Background()
	rt := wazero.NewRuntimeWithConfig(ctx, engines[engine]().WithCoreFeatures(features))
	t.Cleanup(func() {
		if err := rt.Close(ctx); err != nil {
			t.Error(err)
		}
	})
	_, err := rt.NewHostModuleBuilder("env").NewFunctionBuilder().
		WithFunc(func(_ context.Context, m api.Module, argument uint32) uint32 {
			if host != nil {
				host(m, argument)
			}
			return argument + 1
		}).Export("host").Instantiate(ctx)
	if err != nil {
		t.Fatal(err)
	}
	instance, err := rt.Instantiate(ctx, module)
	if err != nil {
		t.Fatalf("%s: %v", engine, err)
	}
	return instance
}

func forEachEngine(t *testing.T, test func(t *testing.T, engine string)) {
	for name := range engines {
		t.Run(name, func(t *testing.T) { test(t, name) })
	}
}

// compile fails the test unless wazero accepts the module.
func compile(t testing.TB, module []byte) {
	t.Helper()
	if err := tryCompile(module); err != nil {
		t.Fatal(err)
	}
}

func tryCompile(module []byte) error {
	ctx := context.Background()
	rt := wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfigInterpreter().WithCoreFeatures(features))
	defer rt.Close(ctx)
	_, err := rt.CompileModule(ctx, module)
	return err
}

// outcome is what a call gives: its results, or that it trapped.
func outcome(m api.Module, function string, arguments []uint64) string {
	f := m.ExportedFunction(function)
	if f == nil {
		return "no such function"
	}
	results, err := f.Call(context.Background(), arguments...)
	if err != nil {
		return "trap"
	}
	return fmt.Sprintf("%#x", results)
}

// sameOutcomes checks that the rewritten module does what the original does in
// the interpreter, for all combinations of the argument values.
func sameOutcomes(t *testing.T, original, rewritten []byte, function string, values ...[]uint64) {
	t.Helper()
	for engine := range engines {
		want := instantiate(t, "interpreter", original, nil) // anew: modules have state
		got := instantiate(t, engine, rewritten, nil)
		n := 0
		combinations(values, nil, func(arguments []uint64) {
			n++
			if w, g := outcome(want, function, arguments), outcome(got, function, arguments); w != g {
				t.Errorf("%s(%#x) in the %s: %s, originally %s", function, arguments, engine, g, w)
			}
		})
		if n == 0 {
			t.Fatal("no arguments to try")
		}
	}
}

func combinations(values [][]uint64, chosen []uint64, visit func([]uint64)) {
	if len(values) == 0 {
		visit(slices.Clone(chosen))
		return
	}
	for _, v := range values[0] {
		combinations(values[1:], append(chosen, v), visit)
	}
}

func rewrite(t testing.TB, module []byte, opts Options) []byte {
	t.Helper()
	out, err := Rewrite(module, opts)
	if err != nil {
		t.Fatal(err)
	}
	compile(t, out)
	return out
}
