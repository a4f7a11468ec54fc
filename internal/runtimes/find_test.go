package runtimes

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pglite-toolbox/pglite/internal/filetest"
)

// fill unpacks an archive into a cache, as the program does that has it built in.
func fill(t *testing.T, cache string, archive []byte) string {
	t.Helper()
	o := fromFile(t, archive)
	o.CacheDir = cache
	dir, err := Provide(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { Release(cache) })
	return dir
}

// TestCached: without an archive, the newest runtime of the cache that fits will do, and what is of another version or
// not whole will not.
func TestCached(t *testing.T) {
	t.Parallel()
	cache := filepath.Join(t.TempDir(), "cache")
	o := Options{CacheDir: cache}
	if dir, err := o.cached(); !errors.Is(err, ErrNoRuntime) {
		t.Errorf("an empty cache: %s, %v", dir, err)
	}
	old := fill(t, cache, smallRuntime(t, file("share/old", "")))
	recent := fill(t, cache, smallRuntime(t, file("share/recent", "")))
	other := fill(t, cache, archive(t, file("manifest.json", `{"format":1,"postgresql":"17.99"}`), file("bin/postgres.wasm", "wasm")))
	part := fill(t, cache, smallRuntime(t, file("share/part", "")))
	if err := os.Remove(filepath.Join(part, MarkerName)); err != nil {
		t.Fatal(err)
	}
	for age, dir := range []string{other, recent, old} {
		when := time.Now().Add(-time.Duration(age) * time.Hour)
		if err := os.Chtimes(filepath.Join(dir, MarkerName), when, when); err != nil {
			t.Fatal(err)
		}
	}
	before := filetest.Snapshot(t, cache)
	if dir, err := o.cached(); err != nil || dir != recent {
		t.Errorf("%s, %v, want %s", dir, err, recent)
	}
	o.Fits = func(dir string) error {
		if dir == recent {
			return errors.New("of another program")
		}
		return nil
	}
	if dir, err := o.cached(); err != nil || dir != old {
		t.Errorf("%s, %v, want %s", dir, err, old)
	}
	o.Fits = func(string) error { return errors.New("of another program") }
	if dir, err := o.cached(); !errors.Is(err, ErrNoRuntime) || !strings.Contains(err.Error(), "of another program") {
		t.Errorf("nothing fits: %s, %v", dir, err)
	}
	if filetest.Snapshot(t, cache) != before {
		t.Error("looking has changed the cache")
	}
}

// TestNoRuntimeSaysWhatToDo: it is the first that an evaluating programmer sees.
func TestNoRuntimeSaysWhatToDo(t *testing.T) {
	t.Parallel()
	for _, want := range []string{"release of the module", Variable, "user's cache"} {
		if !strings.Contains(ErrNoRuntime.Error(), want) {
			t.Errorf("%q does not say %q", ErrNoRuntime, want)
		}
	}
}
