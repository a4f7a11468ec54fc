package install

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/pglite-toolbox/pglite/internal/filelock"
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
func fromFile(t *testing.T, content []byte) RuntimeOptions {
	t.Helper()
	name := filepath.Join(t.TempDir(), "runtime.tar.xz")
	if err := os.WriteFile(name, content, 0o600); err != nil {
		t.Fatal(err)
	}
	o := RuntimeOptions{Source: name, CacheDir: filepath.Join(t.TempDir(), "cache")}
	t.Cleanup(func() { release(o.CacheDir) }) // Windows removes no open file
	return o
}

// count returns options that count the unpackings.
func count(o RuntimeOptions, unpacked *int) RuntimeOptions {
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

// release lets go of the runtimes below a directory that this program uses.
func release(cache string) {
	inUse.Lock()
	defer inUse.Unlock()
	for dir, f := range inUse.markers {
		if inside, err := filepath.Rel(cache, dir); err != nil || !filepath.IsLocal(inside) {
			continue
		}
		_ = f.Close()
		delete(inUse.markers, dir)
	}
}

func TestRuntimeOnce(t *testing.T) {
	t.Parallel()
	unpacked := 0
	o := count(fromFile(t, xzed(t, smallRuntime(t))), &unpacked)
	if found, err := Find(o); err != nil || found.Unpacked {
		t.Errorf("before: %+v, %v", found, err)
	}
	if m, err := Manifest(o); err != nil || m.PostgreSQL != "18.99" {
		t.Errorf("the manifest in the archive: %+v, %v", m, err)
	}
	for range 2 {
		dir, err := Runtime(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		if found, err := Find(o); err != nil || !found.Unpacked || found.Dir != dir {
			t.Errorf("found %+v, %v", found, err)
		}
		if m, err := Manifest(o); err != nil || m.PostgreSQL != "18.99" {
			t.Errorf("the unpacked manifest: %+v, %v", m, err)
		}
		wantModes(t, dir, 0o644, 0o755) // others may read it
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
			dir, err := Runtime(t.Context(), o)
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
	dir, err := Runtime(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	release(o.CacheDir)
	left := filepath.Join(filepath.Dir(dir), newPrefix+"left")
	err = errors.Join(os.Remove(filepath.Join(dir, markerName)), os.Remove(filepath.Join(dir, "bin", "postgres.wasm")), os.Mkdir(left, 0o700))
	if err != nil {
		t.Fatal(err)
	}
	if found, err := Find(o); err != nil || found.Unpacked {
		t.Errorf("found %+v, %v", found, err)
	}
	again, err := Runtime(t.Context(), o)
	if err != nil || again != dir {
		t.Fatalf("%s, %v", again, err)
	}
	wantNames(t, filepath.Dir(dir), lockName, filepath.Base(dir))
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
			if dir, err := Runtime(t.Context(), o); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%q, %v; want an error with %q", dir, err, test.want)
			}
			wantNames(t, filepath.Join(o.CacheDir, "runtime"), lockName)
		})
	}
	for _, source := range []string{"/nonexistent", t.TempDir()} {
		if dir, err := Runtime(t.Context(), RuntimeOptions{Source: source}); err == nil {
			t.Errorf("%s is a runtime: %s", source, dir)
		}
	}
}

// TestRuntimeDirectory uses a directory as it is.
func TestRuntimeDirectory(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := unpack(t.Context(), bytes.NewReader(smallRuntime(t)), dir, archiveLimits); err != nil {
		t.Fatal(err)
	}
	before := snapshot(t, dir)
	got, err := Runtime(t.Context(), RuntimeOptions{Source: dir})
	if err != nil || got != dir {
		t.Errorf("%s, %v", got, err)
	}
	if m, err := Manifest(RuntimeOptions{Source: dir}); err != nil || m.PostgreSQL != "18.99" {
		t.Errorf("%+v, %v", m, err)
	}
	if snapshot(t, dir) != before {
		t.Error("the directory changed")
	}
}

// TestCleanCache removes all but what is in use, and what is not pglite's.
func TestCleanCache(t *testing.T) {
	t.Parallel()
	o := fromFile(t, smallRuntime(t))
	dir, err := Runtime(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	paths, err := CacheIn(o.CacheDir)
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
	wantNames(t, paths.Dir, "another program's", "runtime")
	release(o.CacheDir)
	if freed, err := CleanCache(paths); err != nil || freed == 0 {
		t.Errorf("not in use: freed %d, %v", freed, err)
	}
	wantNames(t, paths.Dir, "another program's")
	if freed, err := CleanCache(paths); err != nil || freed != 0 {
		t.Errorf("again: freed %d, %v", freed, err)
	}
	if again, err := Runtime(t.Context(), o); err != nil || again != dir {
		t.Errorf("unpacked again: %s, %v", again, err)
	}
	release(o.CacheDir)
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

// TestCleanWhileUnpacking waits for nobody.
func TestCleanWhileUnpacking(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	f, err := os.Create(filepath.Join(dir, lockName))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := filelock.TryLock(f); err != nil {
		t.Fatal(err)
	}
	if _, err := CleanCache(CachePaths{Dir: dir, Runtimes: dir}); err == nil || !strings.Contains(err.Error(), "wait for it") {
		t.Errorf("error %v", err)
	}
}

// TestLockRemoved: the one who waited for a lock whose file was removed meanwhile, as cache clean does, has the lock of the name.
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
		err := os.Remove(filepath.Join(s.dir, lockName))
		first()
		if err != nil { // Windows
			err = os.Remove(filepath.Join(s.dir, lockName))
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
		dir := filepath.Join(s.dir, newPrefix+name)
		err := errors.Join(os.Mkdir(dir, 0o700), os.WriteFile(filepath.Join(dir, markerName), []byte(s.key), 0o600), os.WriteFile(filepath.Join(dir, name), nil, 0o600))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.publish(dir); err != nil {
			t.Error(err)
		}
		wantNames(t, s.dir, "key")
		wantNames(t, s.path(), markerName, "first")
	}
	if err := os.Remove(filepath.Join(s.path(), markerName)); err != nil { // then it is nobody's
		t.Fatal(err)
	}
	dir := filepath.Join(s.dir, newPrefix+"third")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := s.publish(dir); err != nil {
		t.Error(err)
	}
	wantNames(t, s.dir, "key")
	wantNames(t, s.path())
}
