package engine_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/internal/enginetest"
)

// TestBackup takes a backup while a writer runs and opens it: all that was committed before is there, and it is
// consistent.
func TestBackup(t *testing.T) {
	t.Parallel()
	db := enginetest.Open(t, engine.Config{})
	conn := enginetest.Connect(t, db)
	enginetest.Exec(t, conn, "CREATE TABLE written (n bigserial PRIMARY KEY, filler text DEFAULT repeat('x', 2000))")
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	writer := enginetest.Connect(t, db)
	go func() {
		for ctx.Err() == nil {
			if _, err := writer.Exec(context.Background(), "INSERT INTO written SELECT FROM generate_series(1, 50)"); err != nil {
				ended <- err
				return
			}
		}
		ended <- nil
	}()
	for enginetest.Get[int](t, conn, "SELECT count(*)::int FROM written") < 500 {
		time.Sleep(10 * time.Millisecond)
	}
	before := enginetest.Get[int](t, conn, "SELECT max(n)::int FROM written")
	name := filepath.Join(t.TempDir(), "b.tar")
	if err := db.BackupFile(t.Context(), name, engine.BackupOptions{}); err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if err := db.BackupFile(t.Context(), name, engine.BackupOptions{}); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a second time: %v, want fs.ErrExist", err)
	}
	if entries, _ := os.ReadDir(filepath.Dir(name)); len(entries) != 1 {
		t.Errorf("left beside the backup: %v", entries)
	}
	dir := t.TempDir()
	if out, err := exec.Command("tar", "-xf", name, "-C", dir).CombinedOutput(); err != nil {
		t.Skipf("tar: %v: %s", err, out)
	}
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	copied := enginetest.Connect(t, enginetest.Open(t, engine.Config{DataDir: dir}))
	if got := enginetest.Get[int](t, copied, "SELECT count(*)::int FROM written WHERE n <= $1", before); got != before {
		t.Errorf("the backup has %d rows of the %d that were committed before it began", got, before)
	}
	if enginetest.Get[int](t, copied, "SELECT count(*)::int % 50 FROM written") != 0 {
		t.Error("the backup has half a transaction")
	}
	if enginetest.Get[int](t, conn, "SELECT count(*)::int FROM pg_replication_slots") != 0 {
		t.Error("the backup left its slot")
	}
}

func TestBackupRefuses(t *testing.T) {
	t.Parallel()
	db := enginetest.Open(t, engine.Config{})
	if err := db.BackupFile(t.Context(), filepath.Join(t.TempDir(), "b.zip"), engine.BackupOptions{}); err == nil {
		t.Error("no error for a name that does not tell how to compress")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	dir := t.TempDir()
	if err := db.BackupFile(ctx, filepath.Join(dir, "b.tar.gz"), engine.BackupOptions{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	ctx, cancel = context.WithCancel(t.Context())
	defer cancel()
	late := engine.BackupOptions{Progress: func(step string) {
		if strings.Contains(step, "again") { // the last step
			cancel()
		}
	}}
	if err := db.BackupFile(ctx, filepath.Join(dir, "b.tar.gz"), late); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled while it is read again: %v", err)
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 0 {
		t.Errorf("left behind: %v", entries)
	}
}
