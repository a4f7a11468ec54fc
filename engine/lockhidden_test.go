package engine_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/internal/enginetest"
)

// TestLockIsHidden: a superuser of the database is nobody on the host. What the lock's file says decides where other
// processes connect.
func TestLockIsHidden(t *testing.T) {
	dir := enginetest.DataDir(t)
	lock := filepath.Join(dir, "pglite.lock")
	if err := os.WriteFile(lock, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(
		os.Link(lock, filepath.Join(dir, "hard")),
		os.Symlink("pglite.lock", filepath.Join(dir, "soft")),
		os.Symlink(".", filepath.Join(dir, "self")),
	); err != nil {
		t.Skipf("SKIPPED, NOTHING WAS TESTED: %v", err)
	}
	mounts := []engine.Mount{{Host: filepath.Dir(dir), Guest: "/parent"}, {Host: dir, Guest: "/again"}}
	db := enginetest.Open(t, engine.Config{DataDir: dir, Mounts: mounts})
	before, err := os.ReadFile(lock)
	if err != nil || len(before) == 0 {
		t.Fatalf("%q, %v", before, err)
	}
	conn := enginetest.Connect(t, db)
	enginetest.Exec(t, conn, "select lo_from_bytea(4711, 'x')")
	for _, name := range []string{
		"/pgdata/pglite.lock", "/pgdata/hard", "/pgdata/soft", "/pgdata/self/pglite.lock", "/pgdata/self/self/hard", "/pgdata/base/../pglite.lock",
		"/parent/data/pglite.lock", "/parent/data/hard", "/parent/data/soft", "/again/pglite.lock", "/again/self/hard",
	} {
		for _, sql := range []string{
			"copy (select 'x') to '" + name + "'", "select lo_export(4711, '" + name + "')",
			"select pg_read_binary_file('" + name + "')", "select size from pg_stat_file('" + name + "')", "select lo_import('" + name + "')",
		} {
			var refused *pgconn.PgError
			if _, err := conn.Exec(context.Background(), sql); !errors.As(err, &refused) || refused.Code != "58P01" && refused.Code != "42501" {
				t.Errorf("%s: %v", sql, err)
			}
		}
	}
	for _, list := range []string{".", "/pgdata/self", "/parent/data", "/again"} {
		names := enginetest.Get[[]string](t, conn, "select array_agg(n) from pg_ls_dir('"+list+"') n")
		if slices.Contains(names, "pglite.lock") || !slices.Contains(names, "PG_VERSION") {
			t.Errorf("%s lists %q", list, names)
		}
	}
	enginetest.Exec(t, conn, "copy (select 'x') to '/pgdata/pglite.locks'")
	after, err := os.ReadFile(lock)
	if err != nil || !bytes.Equal(before, after) {
		t.Errorf("the file says %q now, %v; before %q", after, err, before)
	}
}
