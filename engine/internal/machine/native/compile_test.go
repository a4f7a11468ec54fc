//go:build linux && (amd64 || arm64)

package native

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/pglite-toolbox/pglite/engine/internal/hostcall"
	"github.com/pglite-toolbox/pglite/engine/internal/wasm/ctranslate"
)

// compileScript compiles a folder of C by the functions of the runtime's build: FOLDER PROCESSOR OBJECTS OUT.
const compileScript = `set -euo pipefail
. "$RUNTIME/lib/code.sh"
compile_code "$1" "$2" "$3" >"$1/list"
mapfile -t objects <"$1/list"
link_code "$4" "${objects[@]}"`

// testOptions are those of Translate, with a hook that is reached often.
var testOptions = ctranslate.Options{Sum: "test", Hook: ctranslate.Hook{Function: "pglite_tick", Every: 3, Batch: 4}, Parts: 2}

// compileFiles compiles what Translate has returned, or skips the test.
func compileFiles(t testing.TB, files map[string][]byte) (name string) {
	t.Helper()
	compiler, err := exec.LookPath("clang-14")
	linker, err2 := exec.LookPath("ld.lld-14")
	if err != nil || err2 != nil {
		t.Skip("SKIPPED: clang-14 and ld.lld-14 are not installed; translated code was not run")
	}
	dir := t.TempDir()
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	root, err := filepath.Abs("../../../../runtime")
	if err != nil {
		t.Fatal(err)
	}
	name = filepath.Join(t.TempDir(), "code.so")
	c := exec.Command("bash", "-c", compileScript, "compile", dir, runtime.GOARCH, t.TempDir(), name)
	c.Env = append(os.Environ(), "RUNTIME="+root, "PGLITE_CLANG="+compiler, "PGLITE_LD="+linker)
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("compile: %v\n%s", err, out)
	}
	return name
}

// loadModule translates, compiles and loads a module.
func loadModule(t testing.TB, module []byte, imports hostcall.Table) *Program {
	t.Helper()
	files, err := ctranslate.Translate(module, testOptions)
	if err != nil {
		t.Fatal(err)
	}
	return loadFile(t, compileFiles(t, files), imports)
}

func loadFile(t testing.TB, name string, imports hostcall.Table) *Program {
	t.Helper()
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(content)
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	c, err := codeOf(f, hex.EncodeToString(sum[:]))
	if err != nil {
		t.Fatal(err)
	}
	p, err := New(Config{Imports: imports}).link("test", c)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// instance makes an instance that the test closes.
func instance(t testing.TB, p *Program) *Instance {
	t.Helper()
	i, err := p.instantiate(nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := i.Close(); err != nil {
			t.Error(err)
		}
	})
	return i
}
