package engine_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/internal/enginetest"
)

// dropEmpty removes the empty directories below dir until there is none, as a copy of files only has none, and lists
// them.
func dropEmpty(t *testing.T, dir string) (dropped []string) {
	t.Helper()
	for again := true; again; {
		again = false
		err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
			if err == nil && d.IsDir() && name != dir && os.Remove(name) == nil {
				again = true
				rel, _ := filepath.Rel(dir, name)
				dropped = append(dropped, filepath.ToSlash(rel))
				return fs.SkipDir
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	slices.Sort(dropped)
	return dropped
}

// TestStartMakesDirectories: a cluster that comes from Git, an archive or S3 has lost its empty directories.
func TestStartMakesDirectories(t *testing.T) {
	t.Parallel()
	dir := enginetest.DataDir(t)
	dropped := dropEmpty(t, dir)
	missing, err := engine.MissingDirectories(dir)
	slices.Sort(missing)
	if err != nil || !slices.Equal(missing, dropped) || len(missing) < 10 {
		t.Fatalf("missing %q, %v; dropped %q", missing, err, dropped)
	}
	var told []string
	db := enginetest.Open(t, engine.Config{DataDir: dir, Progress: func(text string) { told = append(told, text) }})
	if got := enginetest.Get[int](t, enginetest.Connect(t, db), "SELECT 1"); got != 1 {
		t.Errorf("got %d", got)
	}
	if text := strings.Join(told, "\n"); !strings.Contains(text, "made the empty directories that were missing: ") || !strings.Contains(text, "pg_notify") {
		t.Errorf("told %q", text)
	}
	if missing, err := engine.MissingDirectories(dir); err != nil || len(missing) > 0 {
		t.Errorf("still missing %q, %v", missing, err)
	}
}

// TestStartRefusesLoss: what had data is not made anew.
func TestStartRefusesLoss(t *testing.T) {
	t.Parallel()
	source := enginetest.DataDir(t)
	for name, test := range map[string]struct {
		harm func(dir string) error
		want string
	}{
		"no pg_xact":   {func(dir string) error { return os.RemoveAll(filepath.Join(dir, "pg_xact")) }, "pg_xact"},
		"no pg_wal":    {func(dir string) error { return os.RemoveAll(filepath.Join(dir, "pg_wal")) }, "pg_wal"},
		"empty pg_wal": {emptyWAL, "segment in pg_wal"},
		"no base":      {func(dir string) error { return os.RemoveAll(filepath.Join(dir, "base")) }, "base"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "data")
			if err := errors.Join(os.CopyFS(dir, os.DirFS(source)), os.Chmod(dir, 0o700), test.harm(dir)); err != nil {
				t.Fatal(err)
			}
			_, err := engine.Open(t.Context(), engine.Config{DataDir: dir, Runtime: enginetest.Runtime(t)})
			var lost *engine.DirectoriesError
			if !errors.As(err, &lost) || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), "restore a backup") {
				t.Errorf("%v", err)
			}
			if made, err := engine.RepairDirectories(dir); err == nil {
				t.Errorf("repaired: %q", made)
			}
		})
	}
}

// emptyWAL removes all WAL, but not its directory.
func emptyWAL(dir string) error {
	segments, err := filepath.Glob(filepath.Join(dir, "pg_wal", "0*"))
	for _, name := range segments {
		err = errors.Join(err, os.Remove(name))
	}
	return err
}

// TestPreparedTransactionsMayBeLost: where there may have been some, a missing pg_twophase is the user's to repair.
func TestPreparedTransactionsMayBeLost(t *testing.T) {
	t.Parallel()
	dir := enginetest.DataDir(t)
	cfg := engine.Config{DataDir: dir, Runtime: enginetest.Runtime(t), Settings: map[string]string{"max_prepared_transactions": "3", "track_commit_timestamp": "on"}}
	db, err := engine.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.RemoveAll(filepath.Join(dir, "pg_twophase")), os.RemoveAll(filepath.Join(dir, "pg_commit_ts"))); err != nil {
		t.Fatal(err)
	}
	_, err = engine.Open(t.Context(), cfg)
	if err == nil || !strings.Contains(err.Error(), "no pg_commit_ts, pg_twophase, which may have held data") {
		t.Fatalf("%v", err)
	}
	if made, err := engine.RepairDirectories(dir); err != nil || !slices.Equal(made, []string{"pg_commit_ts", "pg_twophase"}) {
		t.Fatalf("made %q, %v", made, err)
	}
	if db, err = engine.Open(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
}

// TestStartNamesHostFiles: the log of a start that failed names files as the user knows them.
func TestStartNamesHostFiles(t *testing.T) {
	t.Parallel()
	dir := enginetest.DataDir(t)
	name := filepath.Join(dir, "postgresql.conf")
	f, err := os.OpenFile(name, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.WriteString("nonsense = 1\n")
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
	_, err = engine.Open(t.Context(), engine.Config{DataDir: dir, Runtime: enginetest.Runtime(t)})
	if err == nil || !strings.Contains(err.Error(), `in file "`+name+`" line `) {
		t.Errorf("%v", err)
	}
}
