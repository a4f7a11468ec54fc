package wazero_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pglite-toolbox/pglite/engine/internal/emscripten"
	"github.com/pglite-toolbox/pglite/engine/internal/machine"
	"github.com/pglite-toolbox/pglite/engine/internal/machine/wazero"
	"github.com/pglite-toolbox/pglite/engine/internal/wasm"
	"github.com/pglite-toolbox/pglite/internal/enginetest"
)

// modules returns the runtime's modules by name.
func modules(t *testing.T) map[string][]byte {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(enginetest.Runtime(t), "bin", "*.wasm"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no modules in the runtime: %v", err)
	}
	all := map[string][]byte{}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		all[filepath.Base(f)] = b
	}
	return all
}

// TestNoFloatSelect fails when a module would reach wazero's compiler with the construct that it miscompiles.
func TestNoFloatSelect(t *testing.T) {
	t.Parallel()
	before := 0
	for name, module := range modules(t) {
		n, err := wasm.FloatSelects(module)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		before += n
		rewritten, err := machine.Rewrite(module)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if n, err = wasm.FloatSelects(rewritten); n != 0 || err != nil {
			t.Errorf("%s: %d float selects are left, %v", name, n, err)
		}
	}
	if before == 0 {
		t.Error("no module had a float select before: there was nothing to test")
	}
}

// TestKnownImports checks that each module's imports are known, with the right types, without compiling.
func TestKnownImports(t *testing.T) {
	t.Parallel()
	known := emscripten.Imports()
	own := []string{"env._emscripten_throw_longjmp", "pglite.yield"} // the machine's
	for name, module := range modules(t) {
		imports, err := wasm.Imports(module)
		if err != nil || len(imports) == 0 {
			t.Fatalf("%s: %d imports, %v", name, len(imports), err)
		}
		for _, i := range imports {
			if _, ok := known[i.Module][i.Name]; !ok && !strings.HasPrefix(i.Name, "invoke_") && !slices.Contains(own, i.Module+"."+i.Name) {
				t.Errorf("%s imports %s.%s, which the host does not have", name, i.Module, i.Name)
			}
		}
	}
}

// (module (import "pglite" "telepathy" (func)) (memory 1 2))
var unknownImport = []byte("\x00asm\x01\x00\x00\x00" +
	"\x01\x04\x01\x60\x00\x00" +
	"\x02\x14\x01\x06pglite\x09telepathy\x00\x00" +
	"\x05\x04\x01\x01\x01\x02")

func TestUnknownImportIsNamed(t *testing.T) {
	t.Parallel()
	m := wazero.New(wazero.Config{Imports: emscripten.Imports()})
	defer m.Close()
	_, err := m.LoadModule(context.Background(), "reader", unknownImport)
	if err == nil || !strings.Contains(err.Error(), "pglite.telepathy") || !strings.Contains(err.Error(), "reader") {
		t.Errorf("got %v, want an error that names the import and the program", err)
	}
}

// (module (import "pglite" "getpid" (func)) (memory 1 2)): the host's getpid returns a number.
var wrongImport = []byte("\x00asm\x01\x00\x00\x00" +
	"\x01\x04\x01\x60\x00\x00" +
	"\x02\x11\x01\x06pglite\x06getpid\x00\x00" +
	"\x05\x04\x01\x01\x01\x02")

func TestImportOfAnotherTypeIsNamed(t *testing.T) {
	t.Parallel()
	m := wazero.New(wazero.Config{Imports: emscripten.Imports()})
	defer m.Close()
	if _, err := m.LoadModule(context.Background(), "reader", wrongImport); err == nil || !strings.Contains(err.Error(), "pglite.getpid has the type") {
		t.Errorf("got %v, want an error about the type of pglite.getpid", err)
	}
	// (import "env" "invoke_v" (func)): nothing says which function of the table it calls.
	noIndex := bytes.Replace(wrongImport, []byte("\x02\x11\x01\x06pglite\x06getpid"), []byte("\x02\x10\x01\x03env\x08invoke_v"), 1)
	if _, err := m.LoadModule(context.Background(), "reader", noIndex); err == nil || !strings.Contains(err.Error(), "env.invoke_v") {
		t.Errorf("got %v, want an error about env.invoke_v", err)
	}
}

// TestModuleWithoutHookIsAnError: its endless loop would stop every collection of the program around it.
func TestModuleWithoutHookIsAnError(t *testing.T) {
	t.Parallel()
	if _, err := machine.Rewrite(unknownImport); err == nil || !strings.Contains(err.Error(), "pglite_tick") {
		t.Errorf("got %v, want an error about pglite_tick", err)
	}
}

func TestGarbageIsAnError(t *testing.T) {
	t.Parallel()
	for _, module := range [][]byte{nil, []byte("\x00asm"), []byte("hello, world")} {
		if _, err := machine.Rewrite(module); err == nil {
			t.Errorf("%q was taken for a module", module)
		}
	}
}
