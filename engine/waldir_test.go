//go:build unix

package engine_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/internal/enginetest"
)

// TestWALBehindLink: initdb --waldir leaves a link out of the data directory. A start without the mount names it, one
// with it runs.
func TestWALBehindLink(t *testing.T) {
	t.Parallel()
	for name, link := range map[string]func(dir, wal string) (string, error){
		"absolute": func(_, wal string) (string, error) { return wal, nil },
		"relative": filepath.Rel,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir, wal := enginetest.DataDir(t), filepath.Join(t.TempDir(), "wal")
			target, err := link(dir, wal)
			if err := errors.Join(err, os.Rename(filepath.Join(dir, "pg_wal"), wal), os.Symlink(target, filepath.Join(dir, "pg_wal"))); err != nil {
				t.Fatal(err)
			}
			_, err = engine.Open(t.Context(), engine.Config{DataDir: dir, Runtime: enginetest.Runtime(t)})
			var out *engine.LinkError
			if !errors.As(err, &out) || out.Target != target || out.Mount != (engine.Mount{Host: wal, Guest: wal}) {
				t.Fatalf("without the mount: %v", err)
			}
			if strings.Contains(err.Error(), "restore a backup") {
				t.Errorf("nothing is lost: %v", err)
			}
			db := enginetest.Open(t, engine.Config{DataDir: dir, Mounts: []engine.Mount{{Host: wal, Guest: wal}}})
			if got := enginetest.Get[int](t, enginetest.Connect(t, db), "SELECT 1"); got != 1 {
				t.Errorf("got %d", got)
			}
		})
	}
}

// TestWALWithoutPermission: what cannot be looked into is not lost.
func TestWALWithoutPermission(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	wal := filepath.Join(dir, "pg_wal")
	for _, name := range []string{"base", "global", "pg_multixact/members", "pg_multixact/offsets", "pg_wal", "pg_xact"} {
		if err := os.MkdirAll(filepath.Join(dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	want := "look into pg_wal: "
	if os.Geteuid() == 0 { // who needs no permission, and cannot look into a link to itself
		want = "look into pg_wal, a link to "
		if err := errors.Join(os.Remove(wal), os.Symlink("pg_wal", wal)); err != nil {
			t.Fatal(err)
		}
	} else if err := os.Chmod(wal, 0); err != nil {
		t.Fatal(err)
	}
	_, err := engine.MissingDirectories(dir)
	if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "restore a backup") {
		t.Errorf("%v", err)
	}
}
