package install

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/internal/filetest"
	"github.com/pglite-toolbox/pglite/internal/runtimes"
)

// TestDoors makes clusters by each function, and finds them again by each.
func TestDoors(t *testing.T) {
	testRuntime(t)
	if cache, err := os.UserCacheDir(); err == nil {
		t.Setenv("XDG_CACHE_HOME", cache)
	}
	home := t.TempDir()
	t.Cleanup(func() { runtimes.Release(home) })
	t.Setenv("HOME", home)
	t.Setenv("XDG_DATA_HOME", filepath.Join(home, "data"))
	t.Setenv("LOCALAPPDATA", filepath.Join(home, "data"))
	app := AppID{Qualifier: "org", Organization: "Example", App: "My App"}
	doors := map[string]func() (Installation, error){
		"Init": func() (Installation, error) { return Init(t.Context(), app) },
		"InitIn": func() (Installation, error) {
			return InitIn(t.Context(), filepath.Join(home, "new", "deep", "cluster"))
		},
		"PrepareDefault": func() (Installation, error) { return PrepareDefault(t.Context(), Options{}) },
		"InitWith": func() (Installation, error) {
			return InitWith(t.Context(), Paths{Root: home, Data: filepath.Join(home, "with")}, Options{})
		},
		"EnsureCluster": func() (Installation, error) {
			return EnsureCluster(t.Context(), Paths{Data: filepath.Join(home, "ensure")})
		},
	}
	for name, door := range doors {
		t.Run(name, func(t *testing.T) {
			first, err := door()
			if err != nil || first.Reused {
				t.Fatalf("%+v, %v", first, err)
			}
			if err := Check(first.Data, first.Runtime); err != nil {
				t.Error(err)
			}
			if first.Root == "" {
				t.Errorf("no root: %+v", first)
			}
			before := filetest.Snapshot(t, first.Data)
			second, err := door()
			if err != nil || !second.Reused || second.Data != first.Data {
				t.Errorf("second time: %+v, %v", second, err)
			}
			third, err := InitIn(t.Context(), first.Data)
			if err != nil || !third.Reused || third.Data != first.Data {
				t.Errorf("by its data directory: %+v, %v", third, err)
			}
			if d := Describe(first.Paths); d.State != "cluster" || d.SystemIdentifier == 0 || d.Owner != 0 {
				t.Errorf("described as %+v", d)
			}
			if after := filetest.Snapshot(t, first.Data); after != before {
				t.Error("looking at a cluster changed it")
			}
		})
	}
}

// TestClassicLayouts finds clusters where PGlite's installations had them.
func TestClassicLayouts(t *testing.T) {
	t.Parallel()
	for _, layout := range classic {
		root := t.TempDir()
		data := filepath.Join(root, layout)
		made, err := InitIn(t.Context(), data)
		if errors.Is(err, ErrNoRuntime) {
			t.Skip(err)
		}
		if err != nil {
			t.Fatal(err)
		}
		found, err := InitIn(t.Context(), root)
		if err != nil || !found.Reused || found.Data != made.Data || found.Root == found.Data {
			t.Errorf("%s: %+v, %v", layout, found, err)
		}
		if d := Describe(found.Paths); d.Layout != "classic" {
			t.Errorf("%s is described as %q", layout, d.Layout)
		}
	}
}

// TestConcurrentInit: of several that want the same cluster one makes it, and all have it.
func TestConcurrentInit(t *testing.T) {
	t.Parallel()
	testRuntime(t)
	for _, exists := range []bool{false, true} {
		parent := t.TempDir()
		dir := filepath.Join(parent, "data")
		if exists {
			if err := os.Mkdir(dir, 0o755); err != nil {
				t.Fatal(err)
			}
		}
		var wait sync.WaitGroup
		var mounts [6]Installation
		var errs [6]error
		for i := range mounts {
			wait.Go(func() { mounts[i], errs[i] = InitIn(t.Context(), dir) })
		}
		wait.Wait()
		made := 0
		for i, m := range mounts {
			if errs[i] != nil {
				t.Error(errs[i])
			}
			if !m.Reused {
				made++
			}
		}
		if made != 1 {
			t.Errorf("%d say that they made it, want 1", made)
		}
		filetest.WantNames(t, parent, "data")
		filetest.WantPrivate(t, parent)
	}
}

// TestInside makes a cluster in a directory that cannot be replaced, and repairs it from every step of an interrupted
// move.
func TestInside(t *testing.T) {
	t.Parallel()
	m := maker{runtime: testRuntime(t), progress: func(string) {}}
	dir := filepath.Join(t.TempDir(), "data")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := m.inside(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	filetest.WantPrivate(t, filepath.Dir(dir))
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, moved := range []int{0, 1, len(entries) / 2, len(entries) - 1} {
		interruptMove(t, &m, dir, moved)
		if err := Check(dir, m.runtime); !errors.Is(err, engine.ErrNotCluster) || !strings.Contains(err.Error(), "interrupted") {
			t.Errorf("%d moved: %v", moved, err)
		}
		if _, err := engine.Open(t.Context(), engine.Config{DataDir: dir, Runtime: m.runtime}); !errors.Is(err, engine.ErrNotCluster) {
			t.Fatalf("a half-made cluster was opened: %v", err)
		}
		if reused, err := m.ensure(t.Context(), dir); err != nil || reused {
			t.Errorf("%d moved: reused %v, %v", moved, reused, err)
		}
		if err := Check(dir, m.runtime); err != nil {
			t.Error(err)
		}
		filetest.WantNames(t, filepath.Dir(dir), "data")
	}
}

// interruptMove brings dir into the state that a kill leaves when moved names were moved up.
func interruptMove(t *testing.T, m *maker, dir string, moved int) {
	t.Helper()
	at := filepath.Join(dir, workName)
	err := errors.Join(os.RemoveAll(dir), os.Mkdir(dir, 0o700), os.Mkdir(at, 0o700))
	if err != nil {
		t.Fatal(err)
	}
	w, err := lockWork(at)
	if err != nil {
		t.Fatal(err)
	}
	defer w.lock.Close()
	if err := m.fill(t.Context(), w.data()); err != nil {
		t.Fatal(err)
	}
	if moved == 0 {
		return
	}
	entries, err := os.ReadDir(w.data())
	if err != nil {
		t.Fatal(err)
	}
	blocked := filepath.Join(dir, entries[moved].Name()) // a directory in the way ends the move
	if err := os.MkdirAll(filepath.Join(blocked, "x"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := moveUp(w, dir); err == nil {
		t.Fatal("the move was not interrupted")
	}
}

// TestInsideBusy waits for another program that is making a cluster in the directory, and then has that one.
func TestInsideBusy(t *testing.T) {
	t.Parallel()
	from := testRuntime(t)
	for _, ends := range []string{"whole", "killed", "cancelled"} {
		dir := t.TempDir()
		w, err := newWorkInside(dir)
		if err != nil {
			t.Fatal(err)
		}
		other := maker{runtime: from, progress: func(string) {}}
		if err := other.fill(t.Context(), w.data()); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		waited := false
		m := maker{runtime: from, progress: func(phrase string) {
			waited = waited || strings.HasPrefix(phrase, "waiting for another pglite")
			switch ends {
			case "whole":
				if err := moveUp(w, dir); err != nil {
					t.Error(err)
				}
				w.close()
			case "killed":
				_ = w.lock.Close()
			case "cancelled":
				cancel()
			}
		}}
		reused, err := m.ensure(ctx, dir)
		switch {
		case !waited:
			t.Errorf("%s: it did not wait", ends)
		case ends == "cancelled":
			if !errors.Is(err, context.Canceled) {
				t.Errorf("cancelled: %v", err)
			}
			w.close()
		case err != nil || reused != (ends == "whole"):
			t.Errorf("%s: reused %v, %v", ends, reused, err)
		}
		if ends != "cancelled" {
			if err := Check(dir, from); err != nil {
				t.Error(err)
			}
		}
		cancel()
	}
}

// TestUsedCluster: an init that was killed after its last step leaves its work directory in a whole cluster. That goes,
// and until it does it is no reason to take the cluster for half-made when it loses its PG_VERSION.
func TestUsedCluster(t *testing.T) {
	t.Parallel()
	m := maker{runtime: testRuntime(t), progress: func(string) {}}
	for _, left := range []string{"pglite.lock", "postmaster.opts", "my notes"} {
		dir := t.TempDir()
		w, err := newWorkInside(dir)
		if err == nil {
			err = m.fill(t.Context(), w.data())
		}
		if err == nil {
			err = moveUp(w, dir)
		}
		if err != nil {
			t.Fatal(err)
		}
		_ = w.lock.Close() // killed
		version := filepath.Join(dir, "PG_VERSION")
		err = errors.Join(os.WriteFile(filepath.Join(dir, left), nil, 0o600), os.Rename(version, version+".lost"))
		if err == nil {
			err = os.Remove(version + ".lost")
		}
		if err != nil {
			t.Fatal(err)
		}
		before := filetest.Snapshot(t, filepath.Join(dir, "base"))
		if _, err := m.ensure(t.Context(), dir); err == nil || !strings.Contains(err.Error(), strconv.Quote(left)+" is not of it") {
			t.Errorf("%s: %v", left, err)
		}
		if filetest.Snapshot(t, filepath.Join(dir, "base")) != before {
			t.Errorf("%s: a used cluster was removed", left)
		}
		if err := os.WriteFile(version, []byte("18\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		RemoveLeftovers(dir)
		if _, err := os.Stat(filepath.Join(dir, workName)); err == nil {
			t.Errorf("%s: %s is left", left, workName)
		}
	}
}

// TestInsideMode: what initdb's --allow-group-access gives the group it has when the parts were moved up, too.
func TestInsideMode(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("no modes")
	}
	m := maker{runtime: testRuntime(t), initdb: []string{"--allow-group-access", "--no-sync"}, progress: func(string) {}}
	dir := t.TempDir()
	if err := m.inside(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o750 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

// TestCancelledInit leaves nothing.
func TestCancelledInit(t *testing.T) {
	t.Parallel()
	for _, initdb := range [][]string{nil, {"--no-sync"}} {
		m := maker{runtime: testRuntime(t), initdb: initdb, progress: func(string) {}}
		root, parent, err := t.TempDir(), "", error(nil)
		for try := range 20 { // where copying the template is quicker than the cancelling is, once more
			parent = filepath.Join(root, strconv.Itoa(try))
			if err := os.Mkdir(parent, 0o700); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := cancelledInside(t, parent)
			_, err = m.ensure(ctx, filepath.Join(parent, "a", "b"))
			cancel()
			if err != nil {
				break
			}
		}
		if !errors.Is(err, context.Canceled) {
			t.Errorf("initdb options %q: %v", initdb, err)
		}
		filetest.WantNames(t, parent)
	}
}
