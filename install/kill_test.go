package install

import (
	"bytes"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pglite-toolbox/pglite/engine"
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
	start := time.Now()
	if !killed(t, time.Minute, mode, runtime, dir) {
		t.Fatal("an undisturbed run takes more than a minute")
	}
	return time.Since(start)
}

// TestKilledInit kills init at twenty points spread at random over its run. It leaves no cluster or a whole one, and the next init
// clears away the rest.
func TestKilledInit(t *testing.T) {
	runtime := testRuntime(t)
	points := map[string]int{"template": 20, "inside": 20, "initdb": 4}
	for mode, n := range points {
		t.Run(mode, func(t *testing.T) {
			if testing.Short() {
				n /= 4
			}
			parent := t.TempDir()
			dir := filepath.Join(parent, "data")
			prepare(t, mode, dir)
			whole := howLong(t, mode, runtime, dir)
			reached := map[state]int{}
			for range n {
				prepare(t, mode, dir)
				killed(t, time.Duration(rand.Int64N(int64(whole))), mode, runtime, dir)
				s, err := inspect(dir)
				if err != nil {
					t.Fatal(err)
				}
				reached[s]++
				switch s {
				case cluster:
					wantWhole(t, runtime, dir)
				case foreign:
					t.Fatal("a killed init leaves a directory that is not known as its own")
				}
				wantRepaired(t, runtime, parent, dir)
			}
			t.Logf("a run takes %v; found after the kills: %d without directory, %d empty, %d half-made, %d whole",
				whole, reached[absent], reached[empty], reached[halfMade], reached[cluster])
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
	wantNames(t, parent, filepath.Base(dir))
	if _, err := os.Stat(filepath.Join(dir, workName)); err == nil {
		t.Errorf("%s is left", workName)
	}
}

// TestKilledUnpack kills the unpacking of the runtime.
func TestKilledUnpack(t *testing.T) {
	runtime := testRuntime(t)
	n := 5
	if testing.Short() {
		n = 1
	}
	cache := t.TempDir()
	t.Cleanup(release)
	whole := howLong(t, "unpack", runtime, cache)
	for range n {
		if err := os.RemoveAll(cache); err != nil {
			t.Fatal(err)
		}
		killed(t, time.Duration(rand.Int64N(int64(whole))), "unpack", runtime, cache)
		dir, err := Runtime(t.Context(), RuntimeOptions{CacheDir: cache})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Manifest(RuntimeOptions{Source: dir}); err != nil {
			t.Error(err)
		}
		wantNames(t, filepath.Dir(dir), lockName, filepath.Base(dir))
		wantNames(t, dir, markerName, "bin", "lib", manifestName, "share", engine.TemplateDir)
	}
}
