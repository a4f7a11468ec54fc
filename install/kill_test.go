package install

import (
	"bytes"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/internal/filetest"
	"github.com/pglite-toolbox/pglite/internal/runtimes"
)

// killed runs the helper and kills it after a while. It reports whether the helper was faster.
func killed(t *testing.T, after time.Duration, mode, runtime, dir string) (finished bool) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var output bytes.Buffer
	c := exec.Command(self, runtime, dir)
	c.Env = append(os.Environ(), helperMode+"="+mode)
	c.Stdout, c.Stderr = &output, &output
	if err := c.Start(); err != nil {
		if strings.Contains(err.Error(), "exec format error") {
			t.Skip("the tests run in an emulator, the helper cannot:", err)
		}
		t.Fatal(err)
	}
	timer := time.AfterFunc(after, func() { _ = c.Process.Kill() })
	err = c.Wait()
	if timer.Stop() && err != nil {
		t.Fatalf("the helper failed by itself: %v\n%s", err, output.String())
	}
	return err == nil
}

// howLong measures one undisturbed run.
func howLong(t *testing.T, mode, runtime, dir string) time.Duration {
	t.Helper()
	const never = math.MaxInt64
	start := time.Now()
	if !killed(t, never, mode, runtime, dir) {
		t.Fatal("the undisturbed run was killed")
	}
	return time.Since(start)
}

// kills tells how often to kill: at least so many times, and until enough kills have interrupted some work, which they
// must.
type kills struct{ atLeast, meet int }

// each kills runs at points spread at random over an undisturbed one, until there are enough. met looks at what a kill
// has left, and tells whether it interrupted work.
func (k kills) each(t *testing.T, whole time.Duration, kill func(after time.Duration), met func() bool) {
	t.Helper()
	const patience = 20 // kills for one
	meetings := 0
	for n := 0; n < k.atLeast || meetings < k.meet; n++ {
		if n == patience*k.atLeast {
			t.Fatalf("of %d kills only %d found work to interrupt", n, meetings)
		}
		kill(time.Duration(rand.Int64N(int64(whole))))
		if met() {
			meetings++
		}
	}
	t.Logf("a run takes %v; %d kills have interrupted work", whole, meetings)
}

// TestKilledInit kills init at twenty points spread at random over its run, and more until five have found it at work.
// It leaves no cluster or a whole one, and the next init clears away the rest.
func TestKilledInit(t *testing.T) {
	t.Parallel()
	runtime := testRuntime(t)
	for mode, k := range map[string]kills{"template": {20, 5}, "inside": {20, 5}, "initdb": {4, 1}} {
		t.Run(mode, func(t *testing.T) {
			if testing.Short() {
				k = kills{k.atLeast / 4, 1}
			}
			parent := t.TempDir()
			dir := filepath.Join(parent, "data")
			prepare(t, mode, dir)
			whole := howLong(t, mode, runtime, dir)
			k.each(t, whole, func(after time.Duration) {
				prepare(t, mode, dir)
				killed(t, after, mode, runtime, dir)
			}, func() bool {
				work, err := filepath.Glob(filepath.Join(parent, workPrefix("data")+"*"))
				if err != nil {
					t.Fatal(err)
				}
				s, err := inspect(dir)
				switch {
				case err != nil:
					t.Fatal(err)
				case s == cluster:
					wantWhole(t, runtime, dir)
				case s == foreign:
					t.Fatal("a killed init leaves a directory that is not known as its own")
				}
				wantRepaired(t, runtime, parent, dir)
				return len(work) > 0 || s == halfMade
			})
		})
	}
}

func prepare(t *testing.T, mode, dir string) {
	t.Helper()
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if mode == "inside" {
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
}

// wantWhole checks that a cluster has all that the template has.
func wantWhole(t *testing.T, runtime, dir string) {
	t.Helper()
	if err := Check(dir, runtime); err != nil {
		t.Error(err)
	}
	template := filepath.Join(runtime, engine.TemplateDir)
	wantSameCatalog(t, template, dir)
	for _, name := range []string{"postgresql.conf", "pg_hba.conf", "pg_xact/0000", "global/pg_filenode.map"} {
		want, err := os.Stat(filepath.Join(template, name))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := os.Stat(filepath.Join(dir, name)); err != nil || got.Size() != want.Size() {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// wantRepaired runs init again, undisturbed.
func wantRepaired(t *testing.T, runtime, parent, dir string) {
	t.Helper()
	m := maker{runtime: runtime, progress: func(string) {}}
	if _, err := m.ensure(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	if err := Check(dir, runtime); err != nil {
		t.Error(err)
	}
	filetest.WantNames(t, parent, filepath.Base(dir))
	if _, err := os.Stat(filepath.Join(dir, workName)); err == nil {
		t.Errorf("%s is left", workName)
	}
}

// TestKilledUnpack kills the unpacking of the runtime.
func TestKilledUnpack(t *testing.T) {
	t.Parallel()
	runtime := testRuntime(t)
	k := kills{5, 2}
	if testing.Short() {
		k = kills{1, 1}
	}
	cache := t.TempDir()
	t.Cleanup(func() { runtimes.Release(cache) })
	whole := howLong(t, "unpack", runtime, cache)
	k.each(t, whole, func(after time.Duration) {
		if err := os.RemoveAll(cache); err != nil {
			t.Fatal(err)
		}
		killed(t, after, "unpack", runtime, cache)
	}, func() bool {
		left, err := filepath.Glob(filepath.Join(cache, "runtime", runtimes.NewPrefix+"*"))
		if err != nil {
			t.Fatal(err)
		}
		dir, err := ProvideRuntime(t.Context(), RuntimeOptions{CacheDir: cache})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ReadManifest(RuntimeOptions{Source: dir}); err != nil {
			t.Error(err)
		}
		filetest.WantNames(t, filepath.Dir(dir), runtimes.LockName, filepath.Base(dir))
		filetest.WantNames(t, dir, runtimes.MarkerName, "bin", "lib", runtimes.ManifestName, "share", engine.TemplateDir)
		return len(left) > 0
	})
}
