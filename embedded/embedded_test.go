package embedded

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	_ "github.com/lib/pq"

	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/internal/enginetest"
)

// open opens a cluster that is closed at the end of the test, with the runtime that tests use.
func open(t *testing.T, dir string, options ...Option) *DB {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), enginetest.Patience)
	defer cancel()
	runtime := enginetest.Runtime(t)
	db, err := Open(ctx, dir, append([]Option{func(o *Options) { o.Engine.Runtime = runtime }}, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return db
}

// TestWaysIn: pgx, a pool, database/sql, and a driver that connects by itself reach the same cluster.
func TestWaysIn(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	db := open(t, Memory)
	conn, err := db.Connect(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, "CREATE TABLE t AS SELECT 42 AS a"); err != nil {
		t.Fatal(err)
	}
	pool, err := db.Pool(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	var got int
	if err := pool.QueryRow(ctx, "SELECT a FROM t").Scan(&got); err != nil || got != 42 {
		t.Errorf("pgxpool: %d, %v", got, err)
	}
	if err := db.SQL().QueryRowContext(ctx, "SELECT a + 1 FROM t WHERE a = $1", 42).Scan(&got); err != nil || got != 43 {
		t.Errorf("database/sql: %d, %v", got, err)
	}
	if pool := db.SQL(); pool != db.SQL() {
		t.Error("SQL returns another pool each time")
	}
	uri, err := db.URL(ctx)
	if err != nil {
		t.Fatal(err)
	}
	pq, err := sql.Open("postgres", uri)
	if err != nil {
		t.Fatal(err)
	}
	defer pq.Close()
	if err := pq.QueryRowContext(ctx, "SELECT a + 2 FROM t").Scan(&got); err != nil || got != 44 {
		t.Errorf("lib/pq at %s: %d, %v", uri, got, err)
	}
	if again, err := db.URL(ctx); err != nil || again != uri {
		t.Errorf("the second URL is %s, %v", again, err)
	}
}

// TestPoolOfTen: ten sessions are in a transaction at the same time.
func TestPoolOfTen(t *testing.T) {
	t.Parallel()
	db := open(t, Memory)
	config := db.PoolConfig()
	config.MaxConns = 10
	ctx, cancel := context.WithTimeout(t.Context(), enginetest.Patience)
	defer cancel()
	ten, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		t.Fatal(err)
	}
	defer ten.Close()
	var inside, done sync.WaitGroup
	inside.Add(10)
	for range 10 {
		done.Go(func() {
			tx, err := ten.Begin(ctx)
			inside.Done()
			if err != nil {
				t.Error(err)
				return
			}
			defer func() { _ = tx.Rollback(ctx) }()
			inside.Wait() // all ten have one
			var one int
			if err := tx.QueryRow(ctx, "SELECT 1").Scan(&one); err != nil || one != 1 {
				t.Errorf("%d, %v", one, err)
			}
		})
	}
	done.Wait()
}

// TestDirectory: a missing directory becomes a cluster, which is reused, and which a second DB attaches to.
func TestDirectory(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	dir := filepath.Join(t.TempDir(), "below", "db")
	first := open(t, dir)
	if first.Installation.Reused || first.Installation.Data != dir || first.Attached() {
		t.Errorf("the first: %+v, attached %v", first.Installation, first.Attached())
	}
	if _, err := first.SQL().ExecContext(ctx, "CREATE DATABASE app"); err != nil {
		t.Fatal(err)
	}
	second := open(t, dir, WithDatabase("app"))
	if !second.Installation.Reused {
		t.Error("the second made the cluster")
	}
	var name string
	if err := second.SQL().QueryRowContext(ctx, "SELECT current_database()").Scan(&name); err != nil || name != "app" {
		t.Errorf("database %q, %v", name, err)
	}
	if !second.Attached() {
		t.Fatal("the second runs a server of its own")
	}
	uri, err := second.URL(ctx)
	if err != nil {
		t.Fatal(err)
	}
	pq, err := sql.Open("postgres", uri)
	if err != nil {
		t.Fatal(err)
	}
	defer pq.Close()
	if err := pq.QueryRowContext(ctx, "SELECT current_database()").Scan(&name); err != nil || name != "app" {
		t.Errorf("by the URL of an attached DB: database %q, %v", name, err)
	}
}

// TestErrors: what went wrong can be tested, and no message names a socket or a host that has nothing to do with it.
func TestErrors(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	if _, err := Open(ctx, ""); !errors.Is(err, engine.ErrNoDataDir) {
		t.Errorf("no directory: %v", err)
	}
	other := t.TempDir()
	if err := os.WriteFile(filepath.Join(other, "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	runtime := enginetest.Runtime(t)
	if _, err := Open(ctx, other, func(o *Options) { o.Engine.Runtime = runtime }); !errors.Is(err, engine.ErrNotCluster) {
		t.Errorf("a directory of something else: %v", err)
	}
	if _, err := Open(ctx, Memory, func(o *Options) { o.Engine.Runtime = filepath.Join(other, "none") }); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a runtime that is not there: %v", err)
	}
	db := open(t, Memory, WithDatabase("gone"))
	_, err := db.Connect(ctx)
	if err == nil || !strings.Contains(err.Error(), `database "gone" does not exist`) || strings.Contains(err.Error(), "/.s.PGSQL") {
		t.Errorf("connect to what is not there: %v", err)
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
	if err := db.Close(); err != nil {
		t.Errorf("closed twice: %v", err)
	}
	if _, err := db.Connect(ctx); !errors.Is(err, engine.ErrClosed) {
		t.Errorf("connect after Close: %v", err)
	}
	if _, err := db.URL(ctx); !errors.Is(err, engine.ErrClosed) {
		t.Errorf("URL after Close: %v", err)
	}
	if err := db.SQL().PingContext(ctx); err == nil {
		t.Error("database/sql works after Close")
	}
}

// TestOptions: settings add up, and the log comes both ways.
func TestOptions(t *testing.T) {
	t.Parallel()
	var text, records enginetest.Buffer
	db := open(t, Memory, WithSettings(map[string]string{"work_mem": "5MB", "fsync": "off"}), WithSettings(map[string]string{"work_mem": "6MB"}),
		WithLog(&text), WithLogger(slog.New(slog.NewTextHandler(&records, nil))))
	var memory, sync string
	err := db.SQL().QueryRowContext(t.Context(), "SELECT current_setting('work_mem'), current_setting('fsync')").Scan(&memory, &sync)
	if err != nil || memory != "6MB" || sync != "off" {
		t.Errorf("work_mem %s, fsync %s, %v", memory, sync, err)
	}
	if _, err := db.SQL().ExecContext(t.Context(), "SELECT 1/0"); err == nil {
		t.Error("1/0 is no error")
	}
	deadline := time.Now().Add(enginetest.Patience)
	for !strings.Contains(records.String(), "level=ERROR") || !strings.Contains(text.String(), "ERROR:  division by zero") {
		if time.Now().After(deadline) {
			t.Fatalf("the log is\n%s\nthe records\n%s", text.String(), records.String())
		}
		time.Sleep(time.Millisecond)
	}
}
