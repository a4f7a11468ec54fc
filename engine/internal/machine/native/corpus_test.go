//go:build linux && (amd64 || arm64)

package native

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pglite-toolbox/pglite/engine/internal/wasm"
)

var update = flag.Bool("update", false, "write the modules of the corpus anew")

// The corpus: modules of the generator as it was when they were written, which a change of it leaves as they are.
const (
	corpus          = "testdata/corpus"
	corpusModules   = 8
	corpusFunctions = 16
)

// TestCorpus compares what the modules of the corpus do on both engines, each compiled as the server and as another program.
func TestCorpus(t *testing.T) {
	if *update {
		writeCorpus(t)
	}
	names, err := filepath.Glob(filepath.Join(corpus, "*.wasm"))
	if err != nil || len(names) < corpusModules {
		t.Fatalf("the corpus has %q, %v, want %d modules", names, err, corpusModules)
	}
	for _, name := range names {
		for _, program := range []string{fast, small} {
			t.Run(filepath.Base(name)+" as "+program, func(t *testing.T) {
				t.Parallel()
				module, err := os.ReadFile(name)
				if err != nil {
					t.Fatal(err)
				}
				compareFunctions(runBoth(t, program, module), functionsOf(t, module))
			})
		}
	}
}

// functionsOf counts the functions of a random module, which are exported as f0, f1 and so on.
func functionsOf(t *testing.T, module []byte) (n int) {
	t.Helper()
	d, err := wasm.Decode(module)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range d.Exports {
		if e.Kind == wasm.FunctionKind && strings.HasPrefix(e.Name, "f") {
			n++
		}
	}
	if n == 0 {
		t.Fatal("the module exports no function")
	}
	return n
}

func writeCorpus(t *testing.T) {
	t.Helper()
	if err := os.MkdirAll(corpus, 0o777); err != nil {
		t.Fatal(err)
	}
	for n := range corpusModules {
		name := filepath.Join(corpus, fmt.Sprintf("module%d.wasm", n))
		if err := os.WriteFile(name, randomModule(uint64(1000+n), corpusFunctions), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}
