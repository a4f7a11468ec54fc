package engine_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/internal/enginetest"
)

// vandal removes, replaces, cuts and renames the lock's file and the directory.
func vandal(dir string, round int) error {
	lock := filepath.Join(dir, "pglite.lock")
	other := filepath.Join(dir, "pglite.lock.other")
	switch round % 5 {
	case 0:
		return os.Remove(lock)
	case 1:
		return os.Truncate(lock, 0)
	case 2:
		return errors.Join(os.WriteFile(other, []byte("{}"), 0o600), os.Rename(other, lock))
	case 3:
		return os.Rename(lock, other)
	default:
		moved := dir + "-moved"
		return errors.Join(os.Rename(dir, moved), os.Rename(moved, dir))
	}
}

// TestVandals: while programs commit rows, start, and are killed, somebody tidies up in the data directory. There are
// never two owners, and nothing that was acknowledged is lost.
func TestVandals(t *testing.T) {
	rounds := 50
	if testing.Short() {
		rounds = 10
	}
	h := &heirs{t: t, dir: enginetest.DataDir(t), living: map[int]*heir{}}
	h.news = sync.NewCond(&h.mu)
	cfg := engine.Config{DataDir: h.dir, Runtime: enginetest.Runtime(t), NoAttach: true}
	func() {
		db, err := engine.Open(context.Background(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		enginetest.Exec(t, enginetest.Connect(t, db), "create table log(id text primary key)")
	}()
	t.Cleanup(func() {
		for len(h.living) > 0 {
			h.kill(0)
		}
	})
	for range 2 {
		h.add()
	}
	seconds := 0
	for i := range rounds {
		h.waitForRows(1 + rand.IntN(5))
		// What is not there, the owner has not renewed since the last round.
		if err := vandal(h.dir, i); err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
		switch db, err := engine.Open(context.Background(), cfg); { // while programs run
		case err == nil:
			seconds++
			_ = db.Close()
		case !errors.Is(err, engine.ErrLocked):
			t.Errorf("round %d: %v", i, err)
		}
		if i%7 == 6 {
			pid, _, _ := engine.Owner(h.dir)
			h.kill(pid)
			h.add()
			h.waitForRows(5) // there is an owner again
		}
	}
	if seconds > 0 {
		t.Errorf("%d second owners beside one that was alive", seconds)
	}
	h.waitForRows(20)
	for len(h.living) > 0 {
		h.kill(0)
	}
	conn := enginetest.Connect(t, enginetest.Open(t, engine.Config{DataDir: h.dir}))
	const missing = "select count(*) from unnest($1::text[]) told where told not in (select id from log)"
	if lost := enginetest.Get[int](t, conn, missing, h.rows); lost > 0 {
		t.Errorf("%d of %d rows are lost", lost, len(h.rows))
	}
	t.Logf("%d rows", len(h.rows))
}
