//go:build unix

package cmd

import (
	"context"
	"net"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/pglite-toolbox/pglite/engine"
)

// A shell on a directory that another process owns attaches to it, and goes on by itself when the owner has ended.
func TestTerminalAttaches(t *testing.T) {
	t.Parallel()
	needRuntime(t)
	data := freshCluster(t, filepath.Join(t.TempDir(), "data"))
	owner := serveCluster(t, data)
	s := openTerminalOn(t, data, t.TempDir(), nil, "-At")
	s.wait("postgres=# ")
	s.typed("SELECT 'started ' || pg_postmaster_start_time();\r")
	s.wait("\nstarted " + show(t, owner.connect(), "select pg_postmaster_start_time()::text"))
	s.wait("postgres=# ")
	s.typed("CREATE TABLE kept AS SELECT 42 AS answer; BEGIN; DELETE FROM kept;\r")
	s.wait("postgres=*# ")
	if code := owner.stop(syscall.SIGTERM); code != exitOK {
		t.Errorf("the owner's exit code is %d:\n%s", code, owner.said())
	}
	s.typed("SELECT 1;\r")
	s.wait("terminating connection due to administrator command")
	s.wait("Attempting reset: ") // then, on a slow machine, that the server is being loaded
	s.wait("Succeeded.")
	s.wait("postgres=# ")
	s.typed("SELECT 'the answer is ' || answer FROM kept;\r")
	s.wait("\nthe answer is 42")
	s.typed("\\q\r")
	s.left(exitOK)
}

// An owner whose user has interrupted a statement still waits for the others' transactions when it ends.
func TestTerminalWaitsForOthers(t *testing.T) {
	t.Parallel()
	needRuntime(t)
	data := freshCluster(t, filepath.Join(t.TempDir(), "data"))
	s := openTerminalOn(t, data, t.TempDir(), nil)
	s.wait("postgres=# ")
	other := attach(t, data)
	ctx := context.Background()
	for _, sql := range []string{"create table kept(i int)", "begin", "insert into kept values (42)"} {
		if _, err := other.Exec(ctx, sql); err != nil {
			t.Fatal(err)
		}
	}
	s.typed("SELECT pg_sleep(1000);\r")
	eventually(t, "no session sleeps", func() bool {
		return show(t, other, "select count(*)::text from pg_stat_activity where wait_event = 'PgSleep'") != "0"
	})
	s.typed("\x03")
	s.wait("canceling statement due to user request")
	s.typed("\\q\r")
	s.wait("after the transactions of other processes")
	if _, err := other.Exec(ctx, "commit"); err != nil {
		t.Errorf("the transaction was cut: %v", err)
	}
	s.left(exitOK)
	if _, got, _ := pglite(t, "-D", data, "exec", "-At", "select i from kept"); strings.TrimSpace(got) != "42" {
		t.Errorf("got %q", got)
	}
}

// attach connects to the process that runs the server.
func attach(t *testing.T, data string) *pgx.Conn {
	t.Helper()
	config, err := engineConfig(t.Context(), clusterConfig{DataDir: data})
	if err != nil {
		t.Fatal(err)
	}
	db, err := engine.Open(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	if !db.Attached() {
		t.Fatal("it has become the owner")
	}
	c, err := pgx.ParseConfig("host=/ user=postgres dbname=postgres sslmode=disable")
	if err != nil {
		t.Fatal(err)
	}
	c.DialFunc = func(ctx context.Context, _, _ string) (net.Conn, error) { return db.Dial(ctx) }
	conn, err := pgx.ConnectConfig(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return conn
}
