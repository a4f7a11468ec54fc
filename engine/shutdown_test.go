package engine_test

import (
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/internal/enginetest"
)

// closes fails the test when Close waits for what does not come.
func closes(t *testing.T, db *engine.DB) error {
	t.Helper()
	closed := make(chan error, 1)
	go func() { closed <- db.Close() }()
	select {
	case err := <-closed:
		return err
	case <-time.After(engine.FastPatience):
		_ = db.CloseImmediately()
		t.Fatal("the shutdown waits for ever")
		return nil
	}
}

// openUnverified opens a cluster that the test spoils.
func openUnverified(t *testing.T, dir string, log *enginetest.Buffer) *engine.DB {
	t.Helper()
	db, err := engine.Open(context.Background(), engine.Config{DataDir: dir, Runtime: enginetest.Runtime(t), Log: log})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.CloseImmediately() })
	return db
}

// TestShutdownDuringRecovery: a fast shutdown that the postmaster gets while it recovers from a crash has an end.
func TestShutdownDuringRecovery(t *testing.T) {
	hasty := 0
	for range 12 {
		log := &enginetest.Buffer{}
		dir := enginetest.DataDir(t)
		db := openUnverified(t, dir, log)
		conn, other := enginetest.Connect(t, db), enginetest.Connect(t, db)
		enginetest.Exec(t, conn, "create table t as select generate_series(1, 1000) i")
		if err := engine.KillProcess(db, int32(conn.PgConn().PID())); err != nil {
			t.Fatal(err)
		}
		untilLost(t, other)
		time.Sleep(time.Duration(rand.IntN(20)) * time.Millisecond) // anywhere in the restart
		engine.ForgetFailures(db)
		if err := closes(t, db); err != nil && !strings.Contains(err.Error(), "the next start recovers from the WAL") {
			t.Error(err)
		}
		if strings.Contains(log.String(), "received immediate shutdown request") {
			hasty++
		}
		again := openUnverified(t, dir, log)
		if n := enginetest.Get[int](t, enginetest.Connect(t, again), "select count(*) from t"); n != 1000 {
			t.Errorf("%d rows", n)
		}
		if err := again.Close(); err != nil {
			t.Error(err)
		}
	}
	t.Logf("%d shutdowns met the recovery", hasty)
}

// TestShutdownOfCrashLoop: a child that exits with a code is a crash too. Here one does so each time that it is started
// again.
func TestShutdownOfCrashLoop(t *testing.T) {
	for range 5 {
		log := &enginetest.Buffer{}
		dir := enginetest.DataDir(t)
		db := openUnverified(t, dir, log)
		conn := enginetest.Connect(t, db)
		if err := os.WriteFile(filepath.Join(dir, "global", "pg_filenode.map"), []byte(strings.Repeat("junk", 131)), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := engine.KillProcess(db, int32(conn.PgConn().PID())); err != nil {
			t.Fatal(err)
		}
		for deadline := time.Now().Add(enginetest.Patience); !strings.Contains(log.String(), "exited with exit code 1"); time.Sleep(time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("no child has failed:\n%s", log)
			}
		}
		if err := closes(t, db); err != nil && !strings.Contains(err.Error(), "the next start recovers from the WAL") {
			t.Error(err)
		}
	}
}

// TestShutdownOfFullDisk: a PANIC for want of space comes just before the shutdown, or in the middle of it.
func TestShutdownOfFullDisk(t *testing.T) {
	defer engine.SetPhysicalMemory(96 << 20)()
	for range 4 {
		log := &enginetest.Buffer{}
		db := openUnverified(t, engine.Memory, log)
		_, err := enginetest.Connect(t, db).Exec(context.Background(), `do $$ begin for i in 1..10000 loop
			perform pg_logical_emit_message(true, 'x', repeat('x', 8000)); commit; end loop; end $$`)
		if err == nil || !strings.Contains(err.Error()+log.String(), "No space left on device") {
			t.Fatalf("the disk is not full: %v", err)
		}
		if err := closes(t, db); err != nil && !strings.Contains(err.Error(), "PostgreSQL ") {
			t.Error(err)
		}
	}
}
