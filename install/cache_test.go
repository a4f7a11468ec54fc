package install

import (
	"archive/tar"
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pglite-toolbox/pglite/internal/filetest"
	"github.com/pglite-toolbox/pglite/internal/runtimes"
)

// smallRuntime returns options for an archive with all that Runtime looks for, and a cache of its own.
func smallRuntime(t *testing.T) RuntimeOptions {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, name := range []string{runtimes.ManifestName, "bin/postgres.wasm"} {
		const content = `{"format":1,"postgresql":"18.99"}`
		err := w.WriteHeader(&tar.Header{Name: name, Typeflag: tar.TypeReg, Size: int64(len(content))})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "runtime.tar")
	if err := os.WriteFile(name, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	o := RuntimeOptions{Source: name, CacheDir: filepath.Join(t.TempDir(), "cache")}
	t.Cleanup(func() { runtimes.Release(o.CacheDir) }) // Windows removes no open file
	return o
}

// TestCleanCache removes all but what is in use, and what is not pglite's.
func TestCleanCache(t *testing.T) {
	t.Parallel()
	o := smallRuntime(t)
	dir, err := ProvideRuntime(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	paths, err := CachePathsIn(o.CacheDir)
	if err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(paths.Dir, "another program's")
	old := filepath.Join(paths.Runtimes, "old")
	for _, d := range []string{paths.Code, paths.Modules, other, old} {
		if err := errors.Join(os.MkdirAll(d, 0o700), os.WriteFile(filepath.Join(d, "file"), make([]byte, 1000), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	freed, err := CleanCache(paths)
	if err == nil || !strings.Contains(err.Error(), "is in use by a running pglite") || freed != 3000 {
		t.Errorf("in use: freed %d, %v", freed, err)
	}
	if _, err := os.Stat(filepath.Join(dir, "bin", "postgres.wasm")); err != nil {
		t.Error(err)
	}
	filetest.WantNames(t, paths.Dir, "another program's", "runtime")
	runtimes.Release(o.CacheDir)
	if freed, err := CleanCache(paths); err != nil || freed == 0 {
		t.Errorf("not in use: freed %d, %v", freed, err)
	}
	filetest.WantNames(t, paths.Dir, "another program's")
	if freed, err := CleanCache(paths); err != nil || freed != 0 {
		t.Errorf("again: freed %d, %v", freed, err)
	}
	if again, err := ProvideRuntime(t.Context(), o); err != nil || again != dir {
		t.Errorf("unpacked again: %s, %v", again, err)
	}
	runtimes.Release(o.CacheDir)
	if _, err := CleanCache(paths); err != nil {
		t.Error(err)
	}
	if err := os.RemoveAll(other); err != nil {
		t.Fatal(err)
	}
	if _, err := CleanCache(CachePaths{Dir: paths.Dir, Runtimes: paths.Runtimes, Code: paths.Code, Modules: paths.Modules}); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(paths.Dir); err == nil {
		t.Error("the empty cache directory is left")
	}
}
