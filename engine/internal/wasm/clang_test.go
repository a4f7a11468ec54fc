package wasm

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// clangOptions are the sets of options to compile testdata/clang with.
var clangOptions = [][]string{
	{"-O0"},
	{"-O2"},
	{"-Os", "-g"},
	{"-O2", "-matomics", "-mbulk-memory", "-msign-ext", "-mnontrapping-fptoint"},
	{"-O3", "-ffast-math", "-msimd128", "-mbulk-memory", "-mmultivalue", "-mreference-types"},
}

// compileC compiles testdata/clang/program.c, or skips the test.
func compileC(t testing.TB, options []string) []byte {
	t.Helper()
	compiler, err := exec.LookPath("clang-14")
	if err != nil {
		t.Skip("SKIPPED: clang-14 is not installed; the modules that it makes were not tested")
	}
	linker, err := exec.LookPath("wasm-ld-14")
	if err != nil {
		t.Skip("SKIPPED: wasm-ld-14 is not installed; the modules that it makes were not tested")
	}
	object, out := filepath.Join(t.TempDir(), "program.o"), filepath.Join(t.TempDir(), "program.wasm")
	source := filepath.Join("testdata", "clang", "program.c")
	run(t, compiler, append([]string{"--target=wasm32", "-fno-builtin", "-c", "-o", object, source}, options...))
	run(t, linker, []string{"--no-entry", "--export-all", "-o", out, object})
	return readFile(t, out)
}

func run(t testing.TB, program string, arguments []string) {
	t.Helper()
	if message, err := exec.Command(program, arguments...).CombinedOutput(); err != nil {
		t.Fatalf("%s %s: %v\n%s", program, strings.Join(arguments, " "), err, message)
	}
}

// allOptions are all rewrites that fit the C program, one by one and together.
func allOptions() map[string]Options {
	together := Options{
		FixFloatSelect: true,
		LoopHook:       LoopHook{Function: "hook", Every: 10, Batch: 4, CounterExport: "fuel"},
		NoHook:         []string{"memcpy", "memset"},
		StackFrames:    StackFrames{Callees: []string{"check_stack_depth", "stack_left"}, Bytes: 256},
		ExportGlobals:  []string{"__stack_pointer"},
	}
	return map[string]Options{
		"select":   {FixFloatSelect: true},
		"hook":     {LoopHook: together.LoopHook, NoHook: together.NoHook},
		"frames":   {StackFrames: together.StackFrames},
		"globals":  {ExportGlobals: together.ExportGlobals},
		"together": together,
	}
}

func TestClangModules(t *testing.T) {
	t.Parallel()
	for _, options := range clangOptions {
		t.Run(strings.Join(options, " "), func(t *testing.T) {
			module := compileC(t, options)
			wantIdentity(t, module)
			for name, o := range allOptions() {
				t.Run(name, func(t *testing.T) {
					rewritten := rewrite(t, module, o)
					if string(rewritten) == string(module) {
						if name == "select" && options[0] == "-O0" {
							return
						}
						t.Fatal("nothing was rewritten")
					}
					if o.FixFloatSelect {
						wantFloatSelects(t, rewritten, 0)
					}
					wantSameFunctions(t, module, rewritten)
				})
			}
		})
	}
}

// wantSameFunctions compares all exported functions of one int.
func wantSameFunctions(t *testing.T, module, rewritten []byte) {
	t.Helper()
	exports, err := Exports(module)
	if err != nil {
		t.Fatal(err)
	}
	compared := 0
	for _, e := range exports {
		if e.Kind == FunctionKind && len(e.Function.Params) == 1 && len(e.Function.Results) == 1 {
			compared++
			sameOutcomes(t, module, rewritten, e.Name, []uint64{0, 1, 2, 7, 63, 1000, 0xffffffff})
		}
	}
	if compared < 6 {
		t.Fatalf("%d functions compared", compared)
	}
}

// TestClangPassiveData compares memories after the initialisation.
func TestClangPassiveData(t *testing.T) {
	t.Parallel()
	module := compileC(t, []string{"-O2"})
	passive := rewrite(t, module, Options{PassiveData: PassiveData{InitExport: "initialise"}})
	before := instantiate(t, "interpreter", module, nil).Memory()
	forEachEngine(t, func(t *testing.T, engine string) {
		m := instantiate(t, engine, passive, nil)
		if err := callInit(m, "initialise"); err != nil {
			t.Fatal(err)
		}
		want, _ := before.Read(0, before.Size())
		got, _ := m.Memory().Read(0, m.Memory().Size())
		if string(got) != string(want) || len(want) == 0 {
			t.Error("memory differs")
		}
	})
}
