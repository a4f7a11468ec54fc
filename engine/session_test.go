package engine_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/internal/enginetest"
)

func sqlState(err error) string {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

// waitFor polls until the query says true.
func waitFor(t *testing.T, conn *pgx.Conn, sql string, args ...any) {
	t.Helper()
	deadline := time.Now().Add(enginetest.Patience)
	for !enginetest.Get[bool](t, conn, sql, args...) {
		if time.Now().After(deadline) {
			t.Fatalf("never true: %s", sql)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func background(f func() error) <-chan error {
	done := make(chan error, 1)
	go func() { done <- f() }()
	return done
}

func pid(t *testing.T, conn *pgx.Conn) int32 {
	return enginetest.Get[int32](t, conn, "select pg_backend_pid()")
}

const waitsForLock = "select count(*) = 1 from pg_stat_activity where pid = $1 and wait_event_type = 'Lock'"

func TestBackgroundProcesses(t *testing.T) {
	t.Parallel()
	conn := enginetest.Connect(t, enginetest.Open(t, engine.Config{}))
	for _, kind := range []string{"checkpointer", "background writer", "walwriter", "autovacuum launcher", "client backend"} {
		if n := enginetest.Get[int](t, conn, "select count(*) from pg_stat_activity where backend_type = $1", kind); n != 1 {
			t.Errorf("%d processes of type %q, want 1", n, kind)
		}
	}
}

func TestTwoSessions(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db := enginetest.Open(t, engine.Config{})
	a, b, watch := enginetest.Connect(t, db), enginetest.Connect(t, db), enginetest.Connect(t, db)
	enginetest.Exec(t, a, "create table t(id int primary key, v int); insert into t values (1, 0), (2, 0)")
	aPID, bPID := pid(t, a), pid(t, b)

	t.Run("row lock", func(t *testing.T) {
		enginetest.Exec(t, a, "begin; update t set v = 1 where id = 1")
		done := background(func() error { _, err := b.Exec(ctx, "update t set v = v + 10 where id = 1"); return err })
		waitFor(t, watch, waitsForLock, bPID)
		enginetest.Exec(t, a, "commit")
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		if v := enginetest.Get[int](t, a, "select v from t where id = 1"); v != 11 {
			t.Errorf("v = %d, want 11", v)
		}
	})
	t.Run("deadlock", func(t *testing.T) {
		enginetest.Exec(t, a, "begin; set local deadlock_timeout = '1h'; update t set v = 1 where id = 1") // b is to find the deadlock
		enginetest.Exec(t, b, "begin; set local deadlock_timeout = '100ms'; update t set v = 1 where id = 2")
		done := background(func() error { _, err := a.Exec(ctx, "update t set v = 2 where id = 2"); return err })
		waitFor(t, watch, waitsForLock, aPID)
		_, err := b.Exec(ctx, "update t set v = 2 where id = 1")
		if sqlState(err) != "40P01" {
			t.Errorf("got %v, want deadlock_detected", err)
		}
		enginetest.Exec(t, b, "rollback")
		if err := <-done; err != nil {
			t.Error(err)
		}
		enginetest.Exec(t, a, "rollback")
	})
	t.Run("pg_cancel_backend", func(t *testing.T) {
		done := background(func() error {
			_, err := b.Exec(ctx, endless)
			return err
		})
		waitFor(t, watch, "select count(*) = 1 from pg_stat_activity where pid = $1 and state = 'active'", bPID)
		enginetest.Exec(t, a, "select pg_cancel_backend($1)", bPID)
		if err := <-done; sqlState(err) != "57014" {
			t.Errorf("got %v, want query_canceled", err)
		}
	})
	t.Run("statement_timeout", func(t *testing.T) {
		enginetest.Exec(t, b, "set statement_timeout = '200ms'")
		_, err := b.Exec(ctx, "select pg_sleep(60)")
		if sqlState(err) != "57014" {
			t.Errorf("sleeping: got %v, want query_canceled", err)
		}
		_, err = b.Exec(ctx, endless)
		if sqlState(err) != "57014" {
			t.Errorf("running: got %v, want query_canceled", err)
		}
		enginetest.Exec(t, b, "reset statement_timeout")
	})
	t.Run("notify", func(t *testing.T) {
		enginetest.Exec(t, b, "listen news")
		enginetest.Exec(t, a, "notify news, 'hello'")
		ctx, cancel := context.WithTimeout(ctx, enginetest.Patience)
		defer cancel()
		n, err := b.WaitForNotification(ctx)
		if err != nil || n.Channel != "news" || n.Payload != "hello" || n.PID != uint32(aPID) {
			t.Errorf("got %+v, %v", n, err)
		}
	})
	t.Run("pg_terminate_backend", func(t *testing.T) {
		enginetest.Exec(t, a, "select pg_terminate_backend($1)", bPID)
		_, err := b.Exec(ctx, "select 1")
		if err == nil {
			t.Error("the session lives on")
		}
		waitFor(t, watch, "select count(*) = 0 from pg_stat_activity where pid = $1", bPID)
	})
}

func TestParallelQuery(t *testing.T) {
	t.Parallel()
	conn := enginetest.Connect(t, enginetest.Open(t, engine.Config{}))
	enginetest.Exec(t, conn, `create table big as select g, repeat('x', 100) p from generate_series(1, 50000) g; analyze big;
		set max_parallel_workers_per_gather = 2; set parallel_setup_cost = 0; set parallel_tuple_cost = 0; set min_parallel_table_scan_size = 0`)
	rows, err := conn.Query(context.Background(), "explain (analyze, costs off, timing off, buffers off) select count(*) from big where p like 'x%'")
	if err != nil {
		t.Fatal(err)
	}
	plan, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Join(plan, "\n")
	for _, want := range []string{"Parallel Seq Scan", "Workers Launched: 2"} {
		if !strings.Contains(text, want) {
			t.Errorf("the plan does not say %q:\n%s", want, text)
		}
	}
	if n := enginetest.Get[int](t, conn, "select count(*) from big where p like 'x%'"); n != 50000 {
		t.Errorf("count = %d", n)
	}
}
