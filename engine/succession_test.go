package engine_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/internal/enginetest"
)

// heirVariable makes the test binary an heir to the data directory it names.
const heirVariable = "PGLITE_TEST_HEIR"

// inherit commits rows for ever, over whichever owner there is, and prints each that was acknowledged. It bears the
// loss of a connection and nothing else.
func inherit(dir string) error {
	ctx := context.Background()
	_, cfg, err := openOrAttach(ctx, dir)
	if err != nil {
		return err
	}
	for n := 0; ; {
		conn, err := pgx.ConnectConfig(ctx, cfg)
		for ; err == nil; n++ {
			row := fmt.Sprintf("%d-%d", os.Getpid(), n)
			if _, err = conn.Exec(ctx, "insert into log values ($1)", row); err == nil {
				fmt.Println(row)
			}
		}
		var refused *pgconn.PgError
		if errors.As(err, &refused) || errors.Is(err, engine.ErrLocked) {
			return err
		}
	}
}

// heir is one of the programs.
type heir struct {
	*exec.Cmd
	said strings.Builder // on its standard error
	read chan struct{}   // closed when all of its output has been
}

// heirs are programs that commit rows.
type heirs struct {
	t   *testing.T
	dir string

	mu     sync.Mutex
	news   *sync.Cond
	living map[int]*heir
	rows   []string // that were acknowledged
}

// add starts one.
func (h *heirs) add() {
	one := &heir{Cmd: exec.Command(os.Args[0]), read: make(chan struct{})}
	one.Env = append(os.Environ(), heirVariable+"="+h.dir, enginetest.RuntimeVariable+"="+enginetest.Runtime(h.t))
	one.Stderr = &one.said
	out, err := one.StdoutPipe()
	if err == nil {
		err = one.Start()
	}
	if err != nil {
		h.t.Fatal(err)
	}
	h.mu.Lock()
	h.living[one.Process.Pid] = one
	h.mu.Unlock()
	go func() {
		defer close(one.read)
		for lines := bufio.NewReader(out); h.note(lines.ReadString('\n')); {
		}
	}()
}

// note notes a line of an heir, unless the kill has cut it.
func (h *heirs) note(line string, err error) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err == nil {
		h.rows = append(h.rows, strings.TrimSpace(line))
	}
	h.news.Broadcast()
	return err == nil
}

// kill kills the one of that process identifier, or any when there is none.
func (h *heirs) kill(pid int) {
	h.mu.Lock()
	victim := h.living[pid]
	for _, any := range h.living { // in random order
		if victim == nil {
			victim = any
		}
	}
	delete(h.living, victim.Process.Pid)
	h.mu.Unlock()
	_ = victim.Process.Kill()
	<-victim.read
	_ = victim.Wait()
	if victim.said.Len() > 0 || victim.ProcessState.Exited() {
		h.t.Errorf("heir %d has ended by itself: %s", victim.Process.Pid, &victim.said)
	}
}

// waitForRows waits for so many more.
func (h *heirs) waitForRows(more int) {
	late := time.AfterFunc(enginetest.Patience, func() { h.t.Error("no more rows come"); h.news.Broadcast() })
	defer late.Stop()
	h.mu.Lock()
	defer h.mu.Unlock()
	for enough := len(h.rows) + more; len(h.rows) < enough && !h.t.Failed(); {
		h.news.Wait()
	}
}

// TestSuccession kills programs that share a data directory at random, the owner every other time, while others attach
// and take over: what any of them was told to be committed is there at the end.
func TestSuccession(t *testing.T) {
	t.Parallel()
	const programs = 5
	kills := 24
	if testing.Short() {
		kills = 6
	}
	h := &heirs{t: t, dir: enginetest.DataDir(t), living: map[int]*heir{}}
	h.news = sync.NewCond(&h.mu)
	open := func() (*engine.DB, *pgx.Conn) {
		db := enginetest.Open(t, engine.Config{DataDir: h.dir})
		return db, enginetest.Connect(t, db)
	}
	db, conn := open()
	enginetest.Exec(t, conn, "create table log(id text primary key)")
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for len(h.living) > 0 {
			h.kill(0)
		}
	})
	for range programs {
		h.add()
	}
	owners := map[int]bool{}
	for i := range kills {
		h.waitForRows(rand.IntN(60))
		pid, _, ok := engine.Owner(h.dir)
		if ok {
			owners[pid] = true
		}
		h.kill(pid * (i % 2))
		h.add()
	}
	h.waitForRows(60)
	for range programs {
		h.kill(0)
	}
	_, conn = open()
	lost := enginetest.Get[int](t, conn, "select count(*) from unnest($1::text[]) told where told not in (select id from log)", h.rows)
	t.Logf("%d rows acknowledged by %d owners", len(h.rows), len(owners))
	if lost > 0 || len(owners) < kills/3 {
		t.Errorf("%d of %d rows are lost; %d owners", lost, len(h.rows), len(owners))
	}
}
