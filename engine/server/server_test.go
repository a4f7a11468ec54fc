package server_test

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/engine/server"
	"github.com/pglite-toolbox/pglite/internal/enginetest"
)

// open starts a cluster and its server; both end with the test.
func open(t testing.TB, cfg server.Config, settings map[string]string) (*server.Server, *engine.DB) {
	t.Helper()
	db := enginetest.Open(t, engine.Config{Settings: settings})
	return serve(t, db, cfg), db
}

// serve starts a server of db.
func serve(t testing.TB, db *engine.DB, cfg server.Config) *server.Server {
	t.Helper()
	cfg.Log = slog.New(slog.NewTextHandler(&testLog{t: t}, nil))
	s, err := server.Start(context.Background(), db, cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		enginetest.Verify(t, db)
		s.StopListening()
		if err := db.Close(); err != nil {
			t.Errorf("close the cluster: %v", err)
		}
		if err := s.Close(); err != nil {
			t.Errorf("close the server: %v", err)
		}
	})
	return s
}

// both are a Unix-domain socket and a TCP address.
func both(t testing.TB) server.Config {
	return server.Config{SocketDir: t.TempDir(), TCP: "0"}
}

// testLog shows the door's log when the test has failed.
type testLog struct {
	t    testing.TB
	once sync.Once
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *testLog) Write(b []byte) (int, error) {
	l.once.Do(func() {
		l.t.Cleanup(func() {
			l.mu.Lock()
			defer l.mu.Unlock()
			if l.t.Failed() {
				l.t.Logf("the door's log:\n%s", l.text.String())
			}
		})
	})
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

// uri returns the connection URI of the first address of a kind.
func uri(t testing.TB, s *server.Server, unix bool) string {
	t.Helper()
	for _, a := range s.Addresses() {
		if a.IsUnix() == unix {
			return a.URI("postgres", "postgres")
		}
	}
	t.Fatalf("no address (Unix: %t) in %v", unix, s.Addresses())
	return ""
}

// connect opens a session through the door.
func connect(t testing.TB, uri string) *pgx.Conn {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), enginetest.Patience)
	defer cancel()
	conn, err := pgx.Connect(ctx, uri)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

// dialRaw connects to the door without saying anything.
func dialRaw(t testing.TB, s *server.Server, unix bool) net.Conn {
	t.Helper()
	for _, a := range s.Addresses() {
		if a.IsUnix() != unix {
			continue
		}
		network, address := "tcp", net.JoinHostPort(a.Host, strconv.Itoa(a.Port))
		if unix {
			network, address = "unix", filepath.Join(a.Host, ".s.PGSQL."+strconv.Itoa(a.Port))
		}
		conn, err := net.Dial(network, address)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		return conn
	}
	t.Fatal("no such address")
	return nil
}

func TestServerSeesClientAddress(t *testing.T) {
	t.Parallel()
	s, _ := open(t, both(t), nil)
	tcp, unix := connect(t, uri(t, s, false)), connect(t, uri(t, s, true))
	const query = "select coalesce(host(client_addr), '') || ' ' || client_port from pg_stat_activity where pid = pg_backend_pid()"
	local := tcp.PgConn().Conn().LocalAddr().(*net.TCPAddr)
	if got, want := enginetest.Get[string](t, tcp, query), local.IP.String()+" "+strconv.Itoa(local.Port); got != want {
		t.Errorf("a TCP client is %q to the server, want %q", got, want)
	}
	if got := enginetest.Get[string](t, unix, query); got != " -1" {
		t.Errorf("a Unix-domain client is %q to the server", got)
	}
}

func TestHostRulesSeeClientAddress(t *testing.T) {
	t.Parallel()
	s, db := open(t, both(t), nil)
	own := enginetest.Connect(t, db)
	enginetest.Exec(t, own, "create table hba(line text)")
	enginetest.Exec(t, own, `copy (values ('local all all trust'), ('host all all 127.0.0.1/32 reject')) to '/pgdata/pg_hba.conf'`)
	if err := db.Reload(); err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(enginetest.Patience)
	for {
		_, err := pgx.Connect(context.Background(), uri(t, s, false))
		if err != nil && strings.Contains(err.Error(), "pg_hba.conf rejects connection for host \"127.0.0.1\"") {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("the rule is not obeyed: %v", err)
		}
		time.Sleep(10 * time.Millisecond)
	}
	connect(t, uri(t, s, true))
}

func TestTooManyClients(t *testing.T) {
	t.Parallel()
	cfg := both(t)
	cfg.MaxClients = 2
	s, _ := open(t, cfg, nil)
	connect(t, uri(t, s, true))
	connect(t, uri(t, s, false))
	_, err := pgx.Connect(context.Background(), uri(t, s, true))
	if err == nil || !strings.Contains(err.Error(), "53300") {
		t.Errorf("got %v, want SQLSTATE 53300", err)
	}
}

func TestShutdownTellsClients(t *testing.T) {
	t.Parallel()
	s, db := open(t, both(t), nil)
	conns := []*pgx.Conn{connect(t, uri(t, s, true)), connect(t, uri(t, s, false))}
	ended := make(chan error, len(conns))
	for _, c := range conns {
		go func() {
			_, err := c.Exec(context.Background(), "select pg_sleep(600)")
			ended <- err
		}()
	}
	waitFor(t, enginetest.Connect(t, db), "select count(*) = 2 from pg_stat_activity where wait_event = 'PgSleep'")
	s.StopListening()
	if err := db.Close(); err != nil {
		t.Error(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	for range conns {
		if err := <-ended; err == nil || !strings.Contains(err.Error(), "57P01") {
			t.Errorf("got %v, want SQLSTATE 57P01", err)
		}
	}
}

// waitFor waits until a query gives true.
func waitFor(t testing.TB, conn *pgx.Conn, sql string, args ...any) {
	t.Helper()
	deadline := time.Now().Add(enginetest.Patience)
	for !enginetest.Get[bool](t, conn, sql, args...) {
		if time.Now().After(deadline) {
			t.Fatalf("never true: %s", sql)
		}
		time.Sleep(5 * time.Millisecond)
	}
}
