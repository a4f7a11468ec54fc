package engine_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/internal/enginetest"
)

// TestCopiedFrom: a copy of a running cluster starts and says what it is; a backup and a renamed directory say nothing.
func TestCopiedFrom(t *testing.T) {
	t.Parallel()
	dir := enginetest.DataDir(t)
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real
	}
	db, err := engine.Open(t.Context(), engine.Config{DataDir: dir, Runtime: enginetest.Runtime(t)})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	enginetest.Exec(t, enginetest.Connect(t, db), "CHECKPOINT")
	if from := db.CopiedFrom(); from != "" {
		t.Errorf("a cluster of its own is a copy of %q", from)
	}
	copied := filepath.Join(t.TempDir(), "copy")
	if err := errors.Join(os.CopyFS(copied, os.DirFS(dir)), os.Chmod(copied, 0o700)); err != nil {
		t.Fatal(err)
	}
	opened := func(dir, want string) {
		t.Helper()
		var log bytes.Buffer
		db, err := engine.Open(t.Context(), engine.Config{DataDir: dir, Runtime: enginetest.Runtime(t), Log: &log})
		if err != nil {
			t.Fatal(err)
		}
		from := db.CopiedFrom()
		if err := db.Close(); err != nil {
			t.Error(err)
		}
		if from != want || strings.Contains(log.String(), "is a copy of") != (want != "") {
			t.Errorf("%s: copied from %q, want %q; the log is\n%s", dir, from, want, &log)
		}
	}
	opened(copied, filepath.ToSlash(dir))
	opened(copied, "") // it was shut down since

	engine.KillPostmaster(db)
	<-db.Done()
	_ = db.Close()
	if runtime.GOOS == "windows" {
		return // its directories have no numbers
	}
	renamed := filepath.Join(t.TempDir(), "renamed")
	if err := os.Rename(dir, renamed); err != nil {
		t.Fatal(err)
	}
	opened(renamed, "")
}
