package engine_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/internal/enginetest"
)

// smallRuntime is a runtime with one program, in a directory of its own.
type smallRuntime struct {
	dir, cache, program string
	ceiling             uint64
	old                 bool // its files have not been changed for long: their sums are kept
}

func newSmallRuntime(t *testing.T) *smallRuntime {
	t.Helper()
	r := &smallRuntime{dir: t.TempDir(), cache: t.TempDir(), ceiling: 1 << 30}
	r.program = filepath.Join(r.dir, "bin", "pg_archivecleanup.wasm")
	if err := os.Mkdir(filepath.Dir(r.program), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"manifest.json", "bin/pg_archivecleanup.wasm"} {
		content, err := os.ReadFile(filepath.Join(enginetest.Runtime(t), name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(r.dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return r
}

// run runs the program as a new process would: with nothing that was loaded before.
func (r *smallRuntime) run(t *testing.T) (version string) {
	t.Helper()
	r.ceiling += 1 << 16
	var out bytes.Buffer
	cfg := engine.Config{Runtime: r.dir, CacheDir: r.cache, MaxMemory: r.ceiling, Engine: engine.EngineWazero}
	if r.old {
		cfg = engine.HourAhead(cfg)
	}
	code, err := engine.RunTool(context.Background(), cfg, engine.Tool{Name: "pg_archivecleanup", Args: []string{"--version"}, Stdout: &out})
	if err != nil || code != 0 {
		t.Fatalf("exit code %d, %v", code, err)
	}
	return out.String()
}

// only returns the one file that the pattern finds in the cache.
func (r *smallRuntime) only(t *testing.T, pattern string) string {
	t.Helper()
	found, _ := filepath.Glob(filepath.Join(r.cache, pattern))
	if len(found) != 1 {
		t.Fatalf("%s: found %q, want one", pattern, found)
	}
	return found[0]
}

// TestChangedModule: a module that has been changed is run as it is now, though its size and its time are the same.
func TestChangedModule(t *testing.T) {
	t.Parallel()
	r := newSmallRuntime(t)
	before := r.run(t)
	if found, _ := filepath.Glob(filepath.Join(r.cache, "modules", "*.sum")); len(found) != 0 {
		t.Errorf("the sum of a file is kept that may change and have the same time: %q", found)
	}
	if runtime.GOOS == "windows" {
		t.Skip("no sums are kept on Windows")
	}
	r.old = true
	if again := r.run(t); again != before {
		t.Errorf("got %q, want %q", again, before)
	}
	r.only(t, "modules/*.sum")
	info, err := os.Stat(r.program)
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(r.program)
	if err != nil {
		t.Fatal(err)
	}
	changed := bytes.ReplaceAll(content, []byte("(PostgreSQL)"), []byte("(PostgresQL)"))
	if bytes.Equal(changed, content) {
		t.Fatal("the module has no version to change")
	}
	if err := os.WriteFile(r.program, changed, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(r.program, info.ModTime(), info.ModTime()); err != nil {
		t.Fatal(err)
	}
	if after := r.run(t); after == before {
		t.Errorf("the changed module was not run: %q", after)
	}
}

// TestManifestIsPartOfTheIdentity: a sum is of one runtime, even where nothing else tells its files from those of the
// next one.
func TestManifestIsPartOfTheIdentity(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("no sums are kept on Windows")
	}
	r := newSmallRuntime(t)
	memo := func() string {
		t.Helper()
		r.run(t)
		content, err := os.ReadFile(r.only(t, "modules/*.sum"))
		if err != nil {
			t.Fatal(err)
		}
		return string(content)
	}
	r.old = true
	before := memo()
	manifest, err := os.OpenFile(filepath.Join(r.dir, "manifest.json"), os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := manifest.WriteString("\n"); err != nil {
		t.Fatal(err)
	}
	if err := manifest.Close(); err != nil {
		t.Fatal(err)
	}
	if memo() == before {
		t.Error("the module's sum was known for another manifest")
	}
}

// TestDamagedModuleCache: whatever is wrong with a file of the cache, the program runs, and the file is right
// afterwards.
func TestDamagedModuleCache(t *testing.T) {
	t.Parallel()
	r := newSmallRuntime(t)
	want := r.run(t)
	for _, pattern := range []string{"modules/*.hollow", "code/*/*/*"} {
		name := r.only(t, pattern)
		good, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		damages := map[string][]byte{"cut off": good[:len(good)/2], "empty": {}, "missing": nil}
		for _, at := range []int{0, 100, len(good) / 2, len(good) - 1} { // the second is in wazero's table of functions
			flipped := bytes.Clone(good)
			flipped[at] ^= 1
			damages[fmt.Sprintf("with another bit in byte %d", at)] = flipped
		}
		for what, damage := range damages {
			if err := os.Remove(name); err != nil {
				t.Fatal(err)
			}
			if damage != nil {
				if err := os.WriteFile(name, damage, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if got := r.run(t); got != want {
				t.Errorf("%s, %s: got %q, want %q", pattern, what, got, want)
			}
			if now, err := os.ReadFile(name); err != nil || !bytes.Equal(now, good) {
				t.Errorf("%s, %s: the file is not right again, %v", pattern, what, err)
			}
		}
	}
	if left, _ := filepath.Glob(filepath.Join(r.cache, "code", ".new-*")); len(left) > 0 {
		t.Errorf("%q is left", left)
	}
}
