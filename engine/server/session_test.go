package server_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net"
	"os/exec"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/pglite-toolbox/pglite/internal/enginetest"
)

// endless runs for hours.
const endless = "select count(*) from generate_series(1, 1e10::bigint)"

// runEndless runs it until somebody cancels it, or nobody has for a minute.
func runEndless(conn *pgx.Conn) (ended <-chan error) {
	done := make(chan error, 1)
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), enginetest.Patience)
		defer cancel()
		_, err := conn.Exec(ctx, endless)
		done <- err
	}()
	return done
}

const activeEndless = "select count(*) > 0 from pg_stat_activity where query like '%1e10%' and state = 'active' and pid <> pg_backend_pid()"

func TestCancelRequest(t *testing.T) {
	t.Parallel()
	s, db := open(t, both(t), nil)
	watch := enginetest.Connect(t, db)
	for _, unix := range []bool{true, false} {
		conn := connect(t, uri(t, s, unix))
		ended := runEndless(conn)
		waitFor(t, watch, activeEndless)
		start := time.Now()
		if err := conn.PgConn().CancelRequest(context.Background()); err != nil {
			t.Fatal(err)
		}
		err := <-ended
		t.Logf("unix %t: canceled after %v", unix, time.Since(start))
		var pgErr *pgconn.PgError
		if !errors.As(err, &pgErr) || pgErr.Code != "57014" {
			t.Errorf("got %v, want query_canceled", err)
		}
		if n := enginetest.Get[int](t, conn, "select 1"); n != 1 {
			t.Error("the session is of no use after the cancel")
		}
	}
}

func TestVanishedClientEndsItsQuery(t *testing.T) {
	t.Parallel()
	s, db := open(t, both(t), map[string]string{"client_connection_check_interval": "20ms"})
	watch := enginetest.Connect(t, db)
	for _, unix := range []bool{true, false} {
		conn := connect(t, uri(t, s, unix))
		ended := runEndless(conn)
		waitFor(t, watch, activeEndless)
		start := time.Now()
		_ = conn.PgConn().Conn().Close()
		if err := <-ended; err == nil {
			t.Error("the query of a closed connection ended without an error")
		}
		waitFor(t, watch, "select count(*) = 0 from pg_stat_activity where query like '%1e10%' and pid <> pg_backend_pid()")
		t.Logf("unix %t: noticed after %v", unix, time.Since(start))
	}
}

// rawSession speaks the protocol by hand.
func rawSession(t *testing.T, conn net.Conn) *pgproto3.Frontend {
	t.Helper()
	_ = conn.SetDeadline(time.Now().Add(enginetest.Patience))
	f := pgproto3.NewFrontend(conn, conn)
	f.Send(&pgproto3.StartupMessage{ProtocolVersion: pgproto3.ProtocolVersion30, Parameters: map[string]string{"user": "postgres", "database": "postgres"}})
	if err := f.Flush(); err != nil {
		t.Fatal(err)
	}
	until[*pgproto3.ReadyForQuery](t, f)
	return f
}

// until reads messages up to one of a kind.
func until[M pgproto3.BackendMessage](t *testing.T, f *pgproto3.Frontend) M {
	t.Helper()
	for {
		m, err := f.Receive()
		if err != nil {
			var wanted M
			t.Fatalf("waiting for %T: %v", wanted, err)
		}
		if wanted, ok := m.(M); ok {
			return wanted
		}
	}
}

// What a client has asked before it closes its sending side is answered.
func TestHalfClose(t *testing.T) {
	t.Parallel()
	s, _ := open(t, both(t), nil)
	for _, unix := range []bool{true, false} {
		conn := dialRaw(t, s, unix)
		f := rawSession(t, conn)
		f.Send(&pgproto3.Query{String: "select pg_sleep(0.2); select repeat('x', 1000000)"})
		if err := f.Flush(); err != nil {
			t.Fatal(err)
		}
		if err := conn.(interface{ CloseWrite() error }).CloseWrite(); err != nil {
			t.Fatal(err)
		}
		var got int
		for got < 1000000 {
			got = len(until[*pgproto3.DataRow](t, f).Values[0])
		}
		until[*pgproto3.ReadyForQuery](t, f)
		if _, err := f.Receive(); !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
			t.Errorf("after the end: %v", err)
		}
	}
}

// Bytes stay in order whichever way they take to a client that reads in fits and starts.
func TestSlowReader(t *testing.T) {
	t.Parallel()
	s, _ := open(t, both(t), nil)
	const rows = 1_000_000
	want := sha256.New()
	for i := 1; i <= rows; i++ {
		fmt.Fprintf(want, "%d\n", i)
	}
	for _, unix := range []bool{true, false} {
		got := sha256.New()
		w := &hesitant{w: got}
		_, err := connect(t, uri(t, s, unix)).PgConn().CopyTo(context.Background(), w, fmt.Sprintf("copy (select generate_series(1, %d)) to stdout", rows))
		if err != nil {
			t.Fatal(err)
		}
		if string(got.Sum(nil)) != string(want.Sum(nil)) {
			t.Errorf("unix %t: the data is not the same", unix)
		}
	}
}

// hesitant pauses now and then.
type hesitant struct {
	w    io.Writer
	read int
}

func (h *hesitant) Write(b []byte) (int, error) {
	const often = 700_000
	if h.read/often != (h.read+len(b))/often {
		time.Sleep(50 * time.Millisecond)
	}
	h.read += len(b)
	return h.w.Write(b)
}

func TestNotify(t *testing.T) {
	t.Parallel()
	s, _ := open(t, both(t), nil)
	a, b := connect(t, uri(t, s, true)), connect(t, uri(t, s, false))
	enginetest.Exec(t, a, "listen news")
	enginetest.Exec(t, b, "notify news, 'hello'")
	ctx, cancel := context.WithTimeout(context.Background(), enginetest.Patience)
	defer cancel()
	n, err := a.WaitForNotification(ctx)
	if err != nil || n.Payload != "hello" {
		t.Errorf("got %+v, %v", n, err)
	}
}

func TestErrorsInsidePipelines(t *testing.T) {
	t.Parallel()
	s, _ := open(t, both(t), nil)
	conn := connect(t, uri(t, s, true))
	batch := &pgx.Batch{}
	batch.Queue("select 1")
	batch.Queue("select 1/0")
	batch.Queue("select 3")
	results := conn.SendBatch(context.Background(), batch)
	var n int
	if err := results.QueryRow().Scan(&n); err != nil || n != 1 {
		t.Errorf("first: %d, %v", n, err)
	}
	var pgErr *pgconn.PgError
	if _, err := results.Exec(); !errors.As(err, &pgErr) || pgErr.Code != "22012" {
		t.Errorf("second: %v, want division_by_zero", err)
	}
	_ = results.Close()
	if n := enginetest.Get[int](t, conn, "select 4"); n != 4 {
		t.Error("the session is of no use after the error")
	}
}

func TestPsql(t *testing.T) {
	t.Parallel()
	psql, err := exec.LookPath("psql")
	if err != nil {
		t.Skip("no psql here")
	}
	s, _ := open(t, both(t), nil)
	for _, unix := range []bool{true, false} {
		out, err := exec.Command(psql, "-XAt", uri(t, s, unix), "-c", "select 40 + 2").CombinedOutput()
		if err != nil || string(out) != "42\n" {
			t.Errorf("psql: %v, %q", err, out)
		}
	}
}
