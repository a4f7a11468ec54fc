package engine_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/internal/enginetest"
)

func TestDeadPostmaster(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	dir := enginetest.DataDir(t)
	db, err := engine.Open(ctx, engine.Config{DataDir: dir, Runtime: enginetest.Runtime(t)})
	if err != nil {
		t.Fatal(err)
	}
	conn := enginetest.Connect(t, db)
	enginetest.Exec(t, conn, "create table t(i int); insert into t values (1)")
	if db.Err() != nil {
		t.Errorf("while it runs: %v", db.Err())
	}
	engine.KillPostmaster(db)
	select {
	case <-db.Done():
	case <-time.After(enginetest.Patience):
		t.Fatal("Done is not closed")
	}
	var server *engine.ServerError
	if err := db.Err(); !errors.Is(err, engine.ErrClosed) || !errors.As(err, &server) {
		t.Errorf("Err: %v, want ErrClosed and a ServerError", err)
	}
	if _, err := db.Dial(ctx); !errors.Is(err, engine.ErrClosed) || !errors.As(err, &server) {
		t.Errorf("Dial: %v, want ErrClosed and a ServerError", err)
	}
	if err := db.Close(); !errors.As(err, &server) {
		t.Errorf("Close: %v, want a ServerError", err)
	}
	again := enginetest.Connect(t, enginetest.Open(t, engine.Config{DataDir: dir}))
	if n := enginetest.Get[int](t, again, "select count(*) from t"); n != 1 {
		t.Errorf("%d rows after the next start, want 1", n)
	}
}

func TestClosed(t *testing.T) {
	t.Parallel()
	db := enginetest.Open(t, engine.Config{})
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Errorf("a second Close: %v", err)
	}
	if _, err := db.Dial(context.Background()); !errors.Is(err, engine.ErrClosed) {
		t.Errorf("Dial: %v, want ErrClosed", err)
	}
}

// TestMemoryCluster checks that a cluster in memory takes no lock and leaves no file.
func TestMemoryCluster(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Setenv("TMPDIR", t.TempDir())
	db := enginetest.Open(t, engine.Config{DataDir: engine.Memory})
	conn := enginetest.Connect(t, db)
	enginetest.Exec(t, conn, "create table t(a int primary key, b text); insert into t select g, 'x'||g from generate_series(1,100000) g")
	if n := enginetest.Get[int](t, conn, "select count(*) from t"); n != 100000 {
		t.Errorf("%d rows", n)
	}
	for _, dir := range []string{".", os.Getenv("TMPDIR")} {
		entries, err := os.ReadDir(dir)
		if err != nil || len(entries) != 0 {
			t.Errorf("%s: %v, %v; want nothing there", dir, entries, err)
		}
	}
}

func TestSettings(t *testing.T) {
	t.Parallel()
	db := enginetest.Open(t, engine.Config{Settings: map[string]string{"work_mem": "7MB"}})
	conn := enginetest.Connect(t, db)
	if v := enginetest.Get[string](t, conn, "show work_mem"); v != "7MB" {
		t.Errorf("work_mem is %s", v)
	}
	if v := enginetest.Get[string](t, conn, "show fsync"); v != "on" {
		t.Errorf("fsync is %s", v)
	}
	_, err := engine.Open(context.Background(), engine.Config{DataDir: engine.Memory, Runtime: enginetest.Runtime(t), Settings: map[string]string{"listen_addresses": "*"}})
	if err == nil {
		t.Error("listen_addresses can be set")
	}
}

// TestServerErrorSaysWhy: an error has the end of the log, wherever that goes, unless it is told twice that way.
func TestServerErrorSaysWhy(t *testing.T) {
	t.Parallel()
	const why = `invalid value for parameter "shared_buffers"`
	dir := enginetest.DataDir(t)
	var log bytes.Buffer
	for name, cfg := range map[string]engine.Config{
		"dropped":   {},
		"discarded": {Log: io.Discard},
		"kept":      {Log: &log},
		"no log":    {NoLogInErrors: true},
		"shown":     {Log: &log, NoLogInErrors: true},
	} {
		log.Reset()
		cfg.DataDir, cfg.Runtime, cfg.Settings = dir, enginetest.Runtime(t), map[string]string{"shared_buffers": "nonsense"}
		_, err := engine.Open(context.Background(), cfg)
		var server *engine.ServerError
		if !errors.As(err, &server) {
			t.Errorf("%s: got %v, want a ServerError", name, err)
			continue
		}
		if told, want := strings.Contains(err.Error(), why), name != "shown"; told != want || strings.Contains(server.Log, why) != want {
			t.Errorf("%s: the error tells why: %t, want %t: %v", name, told, want, err)
		}
		if cfg.Log == &log && !strings.Contains(log.String(), why) {
			t.Errorf("%s: the log is %q", name, log.String())
		}
	}
}
