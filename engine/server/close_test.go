package server_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/pglite-toolbox/pglite/engine/server"
	"github.com/pglite-toolbox/pglite/internal/enginetest"
)

// never is a StartupTimeout that no test outlives: what it waits for must not come from that.
const never = 100 * enginetest.Patience

// within ends the test when do goes on for ever.
func within(t *testing.T, what string, do func()) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		do()
	}()
	select {
	case <-done:
	case <-time.After(enginetest.Patience):
		t.Fatalf("%s: not done", what)
	}
}

// Clients that do not say what they want do not keep the server from ending; they are told.
func TestCloseWithSilentClients(t *testing.T) {
	t.Parallel()
	cfg, pool := tlsConfig(t)
	cfg.StartupTimeout = never
	s, db := open(t, cfg, nil)
	silent := map[string]net.Conn{"TCP": dialRaw(t, s, false), "Unix": dialRaw(t, s, true), "half a packet": dialRaw(t, s, true)}
	write(silent["half a packet"], startupBytes()[:10])
	asked := dialRaw(t, s, false)
	ask(t, asked, 80877103, 'S')
	secure := tls.Client(dialRaw(t, s, false), &tls.Config{RootCAs: pool, ServerName: "127.0.0.1", NextProtos: []string{"postgresql"}})
	if err := secure.Handshake(); err != nil {
		t.Fatal(err)
	}
	connect(t, uri(t, s, true)) // all of them have been accepted by now, or are in the sockets' queues
	within(t, "close", func() {
		s.StopListening()
		if err := db.Close(); err != nil {
			t.Error(err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	for name, conn := range silent {
		_ = conn.SetDeadline(time.Now().Add(enginetest.Patience))
		m, err := pgproto3.NewFrontend(conn, conn).Receive()
		refused, ok := m.(*pgproto3.ErrorResponse)
		if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !isReset(err) || err == nil && (!ok || refused.Code != "57P03") {
			t.Errorf("%s: %+v, %v, want SQLSTATE 57P03", name, m, err)
		}
	}
	for _, conn := range []net.Conn{asked, secure} {
		_ = conn.SetDeadline(time.Now().Add(enginetest.Patience))
		if _, err := io.Copy(io.Discard, conn); errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("still connected: %v", err)
		}
	}
}

// isReset: the connection was still in the queue of the listener when that was closed.
func isReset(err error) bool { return strings.Contains(err.Error(), "reset") }

// Many clients that say nothing, more than may be so at a time, keep nobody out, neither at their own listener nor at
// another, and take no session away. They go in the order in which they have come.
func TestSilentClientsKeepNobodyOut(t *testing.T) {
	t.Parallel()
	cfg := both(t)
	cfg.MaxClients, cfg.StartupTimeout = 3, never
	s, db := open(t, cfg, nil)
	silent := make([]net.Conn, 400)
	for i := range silent {
		silent[i] = dialRaw(t, s, false)
	}
	unix, tcp := connect(t, uri(t, s, true)), connect(t, uri(t, s, false))
	for _, conn := range []*pgx.Conn{unix, tcp} {
		ended := runEndless(conn)
		waitFor(t, enginetest.Connect(t, db), activeEndless)
		if err := conn.PgConn().CancelRequest(context.Background()); err != nil {
			t.Error(err)
		}
		var pgErr *pgconn.PgError
		if err := <-ended; !errors.As(err, &pgErr) || pgErr.Code != "57014" {
			t.Errorf("got %v, want query_canceled", err)
		}
	}
	within(t, "the first to come goes", func() {
		_ = silent[0].SetDeadline(time.Now().Add(enginetest.Patience))
		if m, err := pgproto3.NewFrontend(silent[0], silent[0]).Receive(); err != nil || m.(*pgproto3.ErrorResponse).Code != "53300" {
			t.Errorf("%+v, %v, want SQLSTATE 53300", m, err)
		}
	})
}

// Where all sessions are taken, they can still be canceled.
func TestCancelWhenFull(t *testing.T) {
	t.Parallel()
	cfg := both(t)
	cfg.MaxClients = 1
	s, db := open(t, cfg, nil)
	conn := connect(t, uri(t, s, false))
	ended := runEndless(conn)
	waitFor(t, enginetest.Connect(t, db), activeEndless)
	if _, err := pgx.Connect(context.Background(), uri(t, s, true)); err == nil || !strings.Contains(err.Error(), "53300") {
		t.Errorf("got %v, want SQLSTATE 53300", err)
	}
	if err := conn.PgConn().CancelRequest(context.Background()); err != nil {
		t.Error(err)
	}
	if err := <-ended; err == nil || !strings.Contains(err.Error(), "57014") {
		t.Errorf("got %v, want query_canceled", err)
	}
}

// A client that does not read keeps its session's place no longer than a moment after that has ended.
func TestEndedSessionOfClientThatDoesNotRead(t *testing.T) {
	t.Parallel()
	cfg := both(t)
	cfg.MaxClients, cfg.StartupTimeout = 1, never
	s, db := open(t, cfg, nil)
	watch := enginetest.Connect(t, db)
	for _, unix := range []bool{true, false} {
		deaf := dialRaw(t, s, unix)
		rawSession(t, deaf)
		_ = deaf.SetDeadline(time.Time{})
		query := "select repeat('x', 1000) from generate_series(1, 1000000)"
		write(deaf, message('Q', 4+uint32(len(query)+1), query+"\x00"))
		const writing = "from pg_stat_activity where wait_event = 'ClientWrite'"
		waitFor(t, watch, "select count(*) = 1 "+writing)
		enginetest.Exec(t, watch, "select pg_terminate_backend(pid) "+writing)
		within(t, "the place is free", func() {
			for {
				conn, err := pgx.Connect(context.Background(), uri(t, s, true))
				if err == nil {
					_ = conn.Close(context.Background())
					return
				}
				time.Sleep(50 * time.Millisecond)
			}
		})
		waitFor(t, watch, "select count(*) = 0 from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()")
	}
}

// Without a limit of its own, the door has room for those whom the server can take.
func TestLimitOfSessions(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		clients int
		setting string
		want    int
	}{{0, "100", 1000}, {0, "1200", 1300}, {5, "100", 5}} {
		s, _ := open(t, server.Config{SocketDir: t.TempDir(), MaxClients: test.clients}, map[string]string{"max_connections": test.setting})
		if got := server.MostSessions(s); got != test.want {
			t.Errorf("MaxClients %d, max_connections %s: at most %d sessions, want %d", test.clients, test.setting, got, test.want)
		}
	}
}

// A slow client has its time altogether, not for each byte.
func TestSlowLoris(t *testing.T) {
	t.Parallel()
	cfg := both(t)
	cfg.StartupTimeout = time.Second
	s, _ := open(t, cfg, nil)
	for _, unix := range []bool{true, false} {
		conn := dialRaw(t, s, unix)
		within(t, "a byte now and then", func() {
			packet := []byte{0, 0, 0x20, 0, 0, 3, 0, 0} // a startup packet that takes 20 minutes
			for {
				if _, err := conn.Write(packet[:1]); err != nil {
					return
				}
				if packet = packet[1:]; len(packet) == 0 {
					packet = []byte{0}
				}
				time.Sleep(150 * time.Millisecond)
			}
		})
	}
}

// More clients at once than the postmaster can take: each gets a session or the server's refusal.
func TestBurst(t *testing.T) {
	t.Parallel()
	s, _ := open(t, both(t), map[string]string{"max_connections": "10"}) // its queue has room for 20
	var all sync.WaitGroup
	begin := make(chan struct{})
	for i := range 150 {
		all.Go(func() {
			<-begin
			conn, err := pgx.Connect(context.Background(), uri(t, s, i%2 == 0))
			if err == nil {
				_ = conn.Close(context.Background())
				return
			}
			var refused *pgconn.PgError
			if !errors.As(err, &refused) || refused.Code != "53300" {
				t.Errorf("got %v, want a session or SQLSTATE 53300", err)
			}
		})
	}
	close(begin)
	all.Wait()
}

// As long as there is no server behind the door, clients are told so.
func TestServerIsDown(t *testing.T) {
	t.Parallel()
	s, db := open(t, both(t), nil)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	for _, unix := range []bool{true, false} {
		var refused *pgconn.PgError
		if _, err := pgx.Connect(context.Background(), uri(t, s, unix)); !errors.As(err, &refused) || refused.Code != "57P03" {
			t.Errorf("got %v, want SQLSTATE 57P03", err)
		}
	}
}
