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

	"golang.org/x/sys/unix"

	"github.com/pglite-toolbox/pglite/engine/internal/hostcall"
	"github.com/pglite-toolbox/pglite/engine/internal/wasm/ctranslate"
)

// compileScript compiles a folder of C by the functions of the runtime's build: FOLDER PROCESSOR OBJECTS OUT PROGRAM.
const compileScript = `set -euo pipefail
. "$RUNTIME/lib/code.sh"
name_objects "$1" "$2" "$(code_speed "$5")" "$3"
compile_code "$2" "$1"
mapfile -t objects < <(cut -f 2 "$1/objects.txt")
link_code "$4" "${objects[@]}"`

// testOptions are those of Translate, with a hook that is reached often.
var testOptions = ctranslate.Options{Sum: "test", Hook: ctranslate.Hook{Function: "pglite_tick", Every: 3, Batch: 4}, Parts: 2}

// Programs as which the build compiles: one fast, one small.
const fast, small = "postgres", "psql"

// compileFiles compiles what Translate has returned as it does for a program, or skips the test.
func compileFiles(t testing.TB, files map[string][]byte, program string) (name string) {
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
	c := exec.Command("bash", "-c", compileScript, "compile", dir, runtime.GOARCH, t.TempDir(), name, program)
	c.Env = append(os.Environ(), "RUNTIME="+root, "PGLITE_CLANG="+compiler, "PGLITE_LD="+linker)
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("compile: %v\n%s", err, out)
	}
	return name
}

// loadModule translates, compiles and loads a module.
func loadModule(t testing.TB, module []byte, imports hostcall.Table) *Program {
	t.Helper()
	return loadAs(t, fast, module, imports)
}

func loadAs(t testing.TB, program string, module []byte, imports hostcall.Table) *Program {
	t.Helper()
	files, err := ctranslate.Translate(module, testOptions)
	if err != nil {
		t.Fatal(err)
	}
	return loadFile(t, compileFiles(t, files, program), imports)
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
	t.Cleanup(func() { forget(c, hex.EncodeToString(sum[:])) })
	p, err := New(Config{Imports: imports}).link("test", c)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// forget unmaps code, so that a fuzz target can load as much as it likes, if no other was loaded since.
func forget(c *code, sum string) {
	mapped.Lock()
	defer mapped.Unlock()
	handlers.Lock()
	defer handlers.Unlock()
	last := faultRangeCount.Load() - 1
	if mapped.codes[sum] != c || faultRanges[last].start != c.at(0) {
		return
	}
	faultRangeCount.Store(last)
	delete(mapped.codes, sum)
	_ = unix.MunmapPtr(c.base, uintptr(c.size))
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
