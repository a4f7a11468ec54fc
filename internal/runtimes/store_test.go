package runtimes

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/pglite-toolbox/pglite/internal/filelock"
	"github.com/pglite-toolbox/pglite/internal/filetest"
)

// smallRuntime is an archive with all that Runtime looks for.
func smallRuntime(t *testing.T, extra ...member) []byte {
	t.Helper()
	return archive(t, append([]member{
		file("manifest.json", `{"format":1,"postgresql":"18.99","modules":{"postgres.wasm":""}}`),
		file("bin/postgres.wasm", "wasm"),
	}, extra...)...)
}

// fromFile writes an archive and returns options to use it.
func fromFile(t *testing.T, content []byte) Options {
	t.Helper()
	name := filepath.Join(t.TempDir(), "runtime.tar.xz")
	if err := os.WriteFile(name, content, 0o600); err != nil {
		t.Fatal(err)
	}
	o := Options{Source: name, CacheDir: filepath.Join(t.TempDir(), "cache")}
	t.Cleanup(func() { Release(o.CacheDir) }) // Windows removes no open file
	return o
}

// count returns options that count the unpackings.
func count(o Options, unpacked *int) Options {
	var mu sync.Mutex
	o.Progress = func(phrase string) {
		mu.Lock()
		defer mu.Unlock()
		if strings.HasPrefix(phrase, "unpacking") {
			*unpacked++
		}
	}
	return o
}

func TestRuntimeOnce(t *testing.T) {
	t.Parallel()
	unpacked := 0
	o := count(fromFile(t, xzed(t, smallRuntime(t))), &unpacked)
	if found, err := Find(o); err != nil || found.Unpacked {
		t.Errorf("before: %+v, %v", found, err)
	}
	if m, err := Manifest(o); err != nil || !strings.Contains(string(m), `"18.99"`) {
		t.Errorf("the manifest in the archive: %s, %v", m, err)
	}
	for range 2 {
		dir, err := Provide(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		if found, err := Find(o); err != nil || !found.Unpacked || found.Dir != dir {
			t.Errorf("found %+v, %v", found, err)
		}
		if m, err := Manifest(o); err != nil || !strings.Contains(string(m), `"18.99"`) {
			t.Errorf("the unpacked manifest: %s, %v", m, err)
		}
		filetest.WantModes(t, dir, 0o644, 0o755) // others may read it
	}
	if unpacked != 1 {
		t.Errorf("unpacked %d times", unpacked)
	}
}

func TestRuntimeConcurrent(t *testing.T) {
	t.Parallel()
	unpacked := 0
	o := count(fromFile(t, smallRuntime(t, file("share/x", strings.Repeat("x", 1<<20)))), &unpacked)
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			dir, err := Provide(t.Context(), o)
			if err != nil {
				t.Error(err)
				return
			}
			if _, err := os.Stat(filepath.Join(dir, "share", "x")); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if unpacked != 1 {
		t.Errorf("unpacked %d times", unpacked)
	}
}

// TestRuntimeIncomplete: what was left by a killed program, or has no marker, is not used.
func TestRuntimeIncomplete(t *testing.T) {
	t.Parallel()
	o := fromFile(t, smallRuntime(t))
	dir, err := Provide(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	Release(o.CacheDir)
	left := filepath.Join(filepath.Dir(dir), NewPrefix+"left")
	err = errors.Join(os.Remove(filepath.Join(dir, MarkerName)), os.Remove(filepath.Join(dir, "bin", "postgres.wasm")), os.Mkdir(left, 0o700))
	if err != nil {
		t.Fatal(err)
	}
	if found, err := Find(o); err != nil || found.Unpacked {
		t.Errorf("found %+v, %v", found, err)
	}
	again, err := Provide(t.Context(), o)
	if err != nil || again != dir {
		t.Fatalf("%s, %v", again, err)
	}
	filetest.WantNames(t, filepath.Dir(dir), LockName, filepath.Base(dir))
	if _, err := os.Stat(filepath.Join(dir, "bin", "postgres.wasm")); err != nil {
		t.Error(err)
	}
}

func TestRuntimeErrors(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		archive []byte
		want    string
	}{
		"no runtime":    {archive(t, file("hello", "x")), "holds no runtime"},
		"no server":     {archive(t, file("manifest.json", "{}")), "holds no runtime"},
		"damaged":       {[]byte("nonsense"), "damaged"},
		"cut off":       {xzed(t, smallRuntime(t))[:80], "damaged"},
		"hostile":       {smallRuntime(t, file("../evil", "x")), "outside"},
		"with a marker": {smallRuntime(t, link('2', ".complete", "/etc/passwd")), "neither"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			o := fromFile(t, test.archive)
			if dir, err := Provide(t.Context(), o); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%q, %v; want an error with %q", dir, err, test.want)
			}
			filetest.WantNames(t, filepath.Join(o.CacheDir, "runtime"), LockName)
		})
	}
	for _, source := range []string{filepath.Join(t.TempDir(), "missing"), t.TempDir()} {
		if dir, err := Provide(t.Context(), Options{Source: source}); err == nil {
			t.Errorf("%s is a runtime: %s", source, dir)
		}
	}
}

// TestRuntimeDirectory uses a directory as it is.
func TestRuntimeDirectory(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := Unpack(t.Context(), bytes.NewReader(smallRuntime(t)), dir, archiveLimits); err != nil {
		t.Fatal(err)
	}
	before := filetest.Snapshot(t, dir)
	got, err := Provide(t.Context(), Options{Source: dir})
	if err != nil || got != dir {
		t.Errorf("%s, %v", got, err)
	}
	if m, err := Manifest(Options{Source: dir}); err != nil || !strings.Contains(string(m), `"18.99"`) {
		t.Errorf("%s, %v", m, err)
	}
	if filetest.Snapshot(t, dir) != before {
		t.Error("the directory changed")
	}
}

// TestCleanWhileUnpacking waits for nobody.
func TestCleanWhileUnpacking(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	f, err := os.Create(filepath.Join(dir, LockName))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := filelock.TryLock(f); err != nil {
		t.Fatal(err)
	}
	if _, failed := Clean(dir); len(failed) != 1 || !strings.Contains(failed[0].Error(), "wait for it") {
		err := errors.Join(failed...)
		t.Errorf("error %v", err)
	}
}

// TestLockRemoved: the one who waited for a lock whose file was removed meanwhile, as cache clean does, has the lock of
// the name.
func TestLockRemoved(t *testing.T) {
	t.Parallel()
	s := store{dir: filepath.Join(t.TempDir(), "runtime"), key: "key"}
	first, err := s.lock(t.Context(), func(string) {})
	if err != nil {
		t.Fatal(err)
	}
	waited := false
	unlock, err := s.lock(t.Context(), func(string) {
		waited = true
		err := os.Remove(filepath.Join(s.dir, LockName))
		first()
		if err != nil { // Windows
			err = os.Remove(filepath.Join(s.dir, LockName))
		}
		if err := errors.Join(err, os.Remove(s.dir)); err != nil {
			t.Error(err)
		}
	})
	if err != nil || !waited {
		t.Fatalf("waited: %v, %v", waited, err)
	}
	if f, err := lockStore(s.dir); !errors.Is(err, filelock.ErrBusy) {
		t.Errorf("another has the lock too: %v, %v", f, err)
	}
	unlock()
	f, err := lockStore(s.dir)
	if err != nil {
		t.Fatal(err)
	}
	_ = f.Close()
}

// TestPublishTwice: where files cannot be locked two may unpack; the first one's runtime stays, which may be in use.
func TestPublishTwice(t *testing.T) {
	t.Parallel()
	s := store{dir: t.TempDir(), key: "key"}
	for _, name := range []string{"first", "second"} {
		dir := filepath.Join(s.dir, NewPrefix+name)
		err := errors.Join(os.Mkdir(dir, 0o700), os.WriteFile(filepath.Join(dir, MarkerName), []byte(s.key), 0o600), os.WriteFile(filepath.Join(dir, name), nil, 0o600))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.publish(dir); err != nil {
			t.Error(err)
		}
		filetest.WantNames(t, s.dir, "key")
		filetest.WantNames(t, s.path(), MarkerName, "first")
	}
	if err := os.Remove(filepath.Join(s.path(), MarkerName)); err != nil { // then it is nobody's
		t.Fatal(err)
	}
	dir := filepath.Join(s.dir, NewPrefix+"third")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := s.publish(dir); err != nil {
		t.Error(err)
	}
	filetest.WantNames(t, s.dir, "key")
	filetest.WantNames(t, s.path())
}

// TestChangedArchive: what is unpacked has the SHA-256 that it is stored under, or nothing is kept.
func TestChangedArchive(t *testing.T) {
	t.Parallel()
	content := xzed(t, smallRuntime(t))
	right, err := archiveKey(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	for key, good := range map[string]bool{right: true, strings.Repeat("0", len(right)): false} {
		s := store{dir: filepath.Join(t.TempDir(), "runtime"), key: key}
		err := s.fill(t.Context(), bytes.NewReader(content), func(string) {})
		if (err == nil) != good || s.complete() != good || !good && !strings.Contains(err.Error(), "was changed") {
			t.Errorf("key %s: complete %t, %v", key, s.complete(), err)
		}
		if left, _ := filepath.Glob(filepath.Join(s.dir, NewPrefix+"*")); len(left) > 0 {
			t.Errorf("left %q", left)
		}
	}
}
