package wasm

import (
	"context"
	"errors"
	"testing"

	"github.com/tetratelabs/wazero"
)

// seeds are modules for the fuzzers to start from, besides the corpus in
// testdata/fuzz.
func seeds(f *testing.F) (modules [][]byte) {
	for _, c := range selectCases {
		b := &builder{}
		b.typeIndex(nil, nil)
		b.typeIndex(types("dd"), types("dd"))
		b.function(f, "f", types(c.params), types(c.results), types(c.locals), c.code)
		modules = append(modules, b.module())
	}
	for _, c := range frameCases {
		modules = append(modules, frameModule(f, c.params, c.results, c.locals, c.code))
	}
	for _, c := range loopCases {
		modules = append(modules, loopModule(f, c.locals, c.code))
	}
	return append(modules, sampleModule(f), dataModule(f, "a", "b"))
}

// FuzzRead decodes anything without a panic, and says where it fails.
func FuzzRead(f *testing.F) {
	for _, m := range seeds(f) {
		f.Add(m)
	}
	f.Fuzz(func(t *testing.T, module []byte) {
		_, importsErr := Imports(module)
		_, exportsErr := Exports(module)
		_, namesErr := ReadNames(module)
		_, selectsErr := FloatSelects(module)
		for _, err := range []error{importsErr, exportsErr, namesErr, selectsErr} {
			var format *FormatError
			if err != nil && (!errors.As(err, &format) || format.Offset > len(module) || format.Section == "") {
				t.Errorf("error %v", err)
			}
		}
	})
}

// fuzzOptions takes a bit for each rewrite.
func fuzzOptions(bits byte) (o Options) {
	o.FixFloatSelect = bits&1 != 0
	if bits&2 != 0 {
		o.LoopHook = LoopHook{Function: "hook", Every: 2, Batch: 2, CounterExport: "fuel"}
		o.NoHook = []string{"quiet"}
	}
	if bits&4 != 0 {
		o.StackFrames = StackFrames{Callees: []string{"check_stack_depth"}, Bytes: 64}
	}
	if bits&8 != 0 {
		o.PassiveData.InitExport = "initialise"
	}
	if bits&16 != 0 {
		o.ExportGlobals = []string{"__stack_pointer"}
	}
	return o
}

// FuzzRewrite keeps valid modules valid: what wazero accepts and Rewrite does
// not refuse, wazero accepts afterwards, and it has no float selects. Without
// options nothing changes.
func FuzzRewrite(f *testing.F) {
	for _, m := range seeds(f) {
		for _, bits := range []byte{0, 0x7f, 0x01, 0x02, 0x04, 0x18, 0x5f} {
			f.Add(m, bits)
		}
	}
	config := wazero.NewRuntimeConfigInterpreter().WithCoreFeatures(features)
	f.Fuzz(func(t *testing.T, module []byte, bits byte) {
		if len(module) > 4096 {
			return
		}
		opts := fuzzOptions(bits)
		out, err := Rewrite(module, opts)
		if err != nil {
			return
		}
		if bits&0x7f == 0 && string(out) != string(module) {
			t.Fatal("the empty rewrite changed the module")
		}
		if n, err := FloatSelects(out); err != nil || opts.FixFloatSelect && n != 0 {
			t.Fatalf("%d float selects left, error %v", n, err)
		}
		ctx := context.Background()
		rt := wazero.NewRuntimeWithConfig(ctx, config)
		defer rt.Close(ctx)
		if _, err := rt.CompileModule(ctx, module); err != nil {
			return
		}
		if _, err := rt.CompileModule(ctx, out); err != nil {
			t.Fatalf("a valid module became invalid: %v", err)
		}
		hollow, err := Hollow(module, "a mark that nothing else exports", "")
		if err != nil {
			t.Fatalf("no hollow module of a valid one: %v", err)
		}
		if _, err := rt.CompileModule(ctx, hollow); err != nil {
			t.Fatalf("a hollow module is invalid: %v", err)
		}
	})
}
