// Package enginetest opens clusters for tests: a fresh one each, made once by the real initdb and copied.
package enginetest

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/internal/pgclient"
)

// Patience is how long a test waits for what has to happen before it says what it waits for. No test needs that long
// when all is well, on a machine however slow and busy.
const Patience = 5 * time.Minute

// RuntimeVariable names an unpacked runtime to test with.
const RuntimeVariable = "PGLITE_TEST_RUNTIME"

// Runtime returns the runtime that tests use: that of $PGLITE_TEST_RUNTIME, else the one that make has unpacked.
func Runtime(t testing.TB) string {
	t.Helper()
	if dir := os.Getenv(RuntimeVariable); dir != "" {
		if _, err := os.Stat(filepath.Join(dir, "manifest.json")); err != nil {
			t.Fatalf("%s names no runtime: %v", RuntimeVariable, err)
		}
		return dir
	}
	if _, file, _, ok := runtime.Caller(0); ok {
		dir := filepath.Join(filepath.Dir(file), "..", "..", ".build", "runtime")
		if _, err := os.Stat(filepath.Join(dir, "manifest.json")); err == nil {
			return dir
		}
	}
	t.Skipf("SKIPPED, NOTHING WAS TESTED: there is no runtime to test with; run make test, or set %s to an unpacked one", RuntimeVariable)
	return ""
}

var made struct {
	sync.Mutex
	dir string
}

// pristine returns a data directory that initdb has made and nobody has opened. It is kept beside the runtime's cache
// for this test binary's run only.
func pristine(t testing.TB) string {
	t.Helper()
	made.Lock()
	defer made.Unlock()
	if made.dir != "" {
		return made.dir
	}
	if dir := filepath.Join(Runtime(t), engine.TemplateDir); isCluster(dir) {
		made.dir = dir
		return dir
	}
	dir, err := os.MkdirTemp("", "pglite-pristine-")
	if err != nil {
		t.Fatal(err)
	}
	if err := engine.InitDB(context.Background(), engine.Config{DataDir: dir, Runtime: Runtime(t)}, []string{"--no-sync"}); err != nil {
		t.Fatal(err)
	}
	made.dir = dir
	return dir
}

func isCluster(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, "PG_VERSION"))
	return !errors.Is(err, fs.ErrNotExist)
}

// DataDir returns a fresh cluster of its own.
func DataDir(t testing.TB) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "data")
	if err := os.CopyFS(dir, os.DirFS(pristine(t))); err != nil {
		t.Fatal(err)
	}
	if err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		mode := fs.FileMode(0o600)
		if d.IsDir() {
			mode = 0o700
		}
		return os.Chmod(path, mode)
	}); err != nil {
		t.Fatal(err)
	}
	return dir
}

// Open opens a cluster: cfg.DataDir, or a fresh one when that is empty. It is closed, and its heaps and indexes
// verified, at the end of the test.
func Open(t testing.TB, cfg engine.Config) *engine.DB {
	t.Helper()
	if cfg.Runtime == "" {
		cfg.Runtime = Runtime(t)
	}
	if cfg.DataDir == "" {
		cfg.DataDir = DataDir(t)
	}
	if cfg.Log == nil {
		cfg.Log = &testLog{t: t}
	}
	ctx, cancel := context.WithTimeout(context.Background(), Patience)
	defer cancel()
	db, err := engine.Open(ctx, cfg)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(func() {
		Verify(t, db)
		if err := db.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return db
}

// testLog keeps the server's log and shows it when the test has failed.
type testLog struct {
	t    testing.TB
	once sync.Once
	mu   sync.Mutex
	text []byte
}

// Write implements io.Writer.
func (l *testLog) Write(b []byte) (int, error) {
	l.once.Do(func() {
		l.t.Cleanup(func() {
			l.mu.Lock()
			defer l.mu.Unlock()
			if l.t.Failed() {
				l.t.Logf("the server's log:\n%s", l.text)
			}
		})
	})
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text = append(l.text, b...)
	return len(b), nil
}

// configTemplate owes nothing to the environment of who runs the tests.
var configTemplate = pgclient.Apart(pgx.ParseConfig, func(c *pgx.ConnConfig) {
	c.Password, c.Fallbacks, c.RuntimeParams = "", nil, map[string]string{}
})

// Config returns a pgx configuration whose connections go to db.
func Config(t testing.TB, db *engine.DB) *pgx.ConnConfig {
	t.Helper()
	cfg := configTemplate.Copy()
	cfg.DialFunc = func(ctx context.Context, _, _ string) (net.Conn, error) { return db.Dial(ctx) }
	return cfg
}

// Connect opens a session that is closed at the end of the test.
func Connect(t testing.TB, db *engine.DB) *pgx.Conn {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), Patience)
	defer cancel()
	conn, err := pgx.ConnectConfig(ctx, Config(t, db))
	if err != nil {
		t.Fatalf("connect: %v", err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

// Exec runs SQL that must succeed.
func Exec(t testing.TB, conn *pgx.Conn, sql string, args ...any) {
	t.Helper()
	if _, err := conn.Exec(context.Background(), sql, args...); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// Get returns the one value that a query gives.
func Get[T any](t testing.TB, conn *pgx.Conn, sql string, args ...any) (v T) {
	t.Helper()
	if err := conn.QueryRow(context.Background(), sql, args...).Scan(&v); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return v
}
