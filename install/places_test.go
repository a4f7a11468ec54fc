package install

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/internal/filetest"
)

// TestMemoryIsNoDirectory: no function makes, or looks for, a directory called memory:.
func TestMemoryIsNoDirectory(t *testing.T) {
	runtime := testRuntime(t)
	t.Chdir(t.TempDir())
	paths, err := ResolvePaths(engine.Memory)
	if err != nil || paths.Data != engine.Memory {
		t.Errorf("At: %+v, %v", paths, err)
	}
	for name, err := range map[string]error{
		"Check": Check(engine.Memory, runtime), "Holds": CheckExists(engine.Memory), "engine.CheckCluster": engine.CheckCluster(engine.Memory, runtime),
		"engine.InitDB": engine.InitDB(t.Context(), engine.Config{DataDir: engine.Memory, Runtime: runtime}, nil),
	} {
		if !errors.Is(err, engine.ErrMemory) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if d := Describe(paths); d.State != "memory" {
		t.Errorf("Describe: %+v", d)
	}
	RemoveLeftovers(engine.Memory)
	source := RuntimeOptions{Source: runtime}
	if m, err := InitIn(t.Context(), engine.Memory); err != nil || m.Data != engine.Memory || m.Runtime == "" || m.Version == "" {
		t.Errorf("InitIn: %+v, %v", m, err)
	}
	if _, err := InitWith(t.Context(), paths, Options{RuntimeOptions: source, Initdb: []string{"--no-sync"}}); !errors.Is(err, engine.ErrMemory) {
		t.Errorf("InitWith and options of initdb: %v", err)
	}
	filetest.WantNames(t, ".")
}

// TestMissingDirectory is both errors that a caller may test for.
func TestMissingDirectory(t *testing.T) {
	t.Parallel()
	runtime, dir := testRuntime(t), filepath.Join(t.TempDir(), "none")
	_, opened := engine.Open(t.Context(), engine.Config{DataDir: dir, Runtime: runtime})
	for name, err := range map[string]error{
		"engine.Open": opened, "engine.CheckCluster": engine.CheckCluster(dir, runtime), "Holds": CheckExists(dir), "Check": Check(dir, runtime),
	} {
		if !errors.Is(err, fs.ErrNotExist) || !errors.Is(err, engine.ErrNotCluster) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestMountPoint: PostgreSQL's advice for a directory that is a mount point.
func TestMountPoint(t *testing.T) {
	t.Parallel()
	for content, want := range map[string]string{
		"lost+found": "a lost+found directory, perhaps because it is a mount point: create a subdirectory", ".snapshots": "a dot-prefixed",
		"file": "name an empty or a new directory",
	} {
		dir := t.TempDir()
		if err := os.Mkdir(filepath.Join(dir, content), 0o700); err != nil {
			t.Fatal(err)
		}
		_, err := InitIn(t.Context(), dir)
		if !errors.Is(err, engine.ErrNotCluster) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", content, err)
		}
	}
}
