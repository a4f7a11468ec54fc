//go:build unix

package cmd

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"
	_ "github.com/lib/pq"
)

func TestServeEndsWithClientsAttached(t *testing.T) {
	t.Parallel()
	needRuntime(t)
	data := freshCluster(t, filepath.Join(t.TempDir(), "data"))
	for _, sig := range []os.Signal{syscall.SIGTERM, os.Interrupt} {
		s := serveCluster(t, data)
		busy, idle := s.connect(), s.connect()
		ended := make(chan error, 1)
		go func() {
			_, err := busy.Exec(context.Background(), "select pg_sleep(600)")
			ended <- err
		}()
		show(t, idle, "select 'idle'")
		if code := s.stop(sig); code != exitOK {
			t.Errorf("%v: exit code %d:\n%s", sig, code, s.said())
		}
		if err := <-ended; err == nil || !strings.Contains(err.Error(), "57P01") {
			t.Errorf("%v: the client was told %v, want SQLSTATE 57P01", sig, err)
		}
		if left := s.left(); left != "" {
			t.Errorf("%v: left behind: %s", sig, left)
		}
		if !strings.Contains(s.said(), "database system is shut down") {
			t.Errorf("%v: not shut down:\n%s", sig, s.said())
		}
	}
}

// The first signal's shutdown takes a while, since a session drops its temporary tables; the second one does not wait for that.
func TestServeSecondSignalIsImmediate(t *testing.T) {
	t.Parallel()
	needRuntime(t)
	data := freshCluster(t, filepath.Join(t.TempDir(), "data"))
	s := serveCluster(t, data)
	conn := s.connect()
	for _, sql := range []string{
		"create table kept as select generate_series(1, 100000) i",
		"do $$ begin for i in 1..5000 loop execute format('create temp table t%s(a int)', i); end loop; end $$",
	} {
		if _, err := conn.Exec(context.Background(), sql); err != nil {
			t.Fatal(err)
		}
	}
	s.signal(syscall.SIGINT) // the same one twice at once would be an echo
	s.waitForLog("received fast shutdown request")
	if code := s.stop(syscall.SIGTERM); code != exitFailure {
		t.Errorf("exit code %d, want %d, since the next start has to recover:\n%s", code, exitFailure, s.said())
	}
	if !strings.Contains(s.said(), "received immediate shutdown request") {
		t.Errorf("the second signal changed nothing:\n%s", s.said())
	}
	if left := s.left(); left != "" {
		t.Errorf("left behind: %s", left)
	}
	again := serveCluster(t, data)
	again.waitForLog("database system was not properly shut down; automatic recovery in progress")
	if n := show(t, again.connect(), "select count(*)::text from kept"); n != "100000" {
		t.Errorf("%s rows after the restart", n)
	}
}

func TestServeAfterKill(t *testing.T) {
	t.Parallel()
	needRuntime(t)
	data := freshCluster(t, filepath.Join(t.TempDir(), "data"))
	s := serveCluster(t, data)
	if _, err := s.connect().Exec(context.Background(), "create table kept as select 1 i"); err != nil {
		t.Fatal(err)
	}
	s.stop(os.Kill)
	if s.left() == "" {
		t.Fatal("a killed server has cleaned up: this tests nothing")
	}
	again := &served{t: t, data: data, socket: s.socket, news: make(chan struct{}, 1), done: make(chan struct{})}
	again.cmd = exec.Command("pglite", "-D", data, "serve", "--socket-dir", s.socket)
	again.start()
	again.waitForLog("ready")
	if n := show(t, again.connect(), "select i::text from kept"); n != "1" {
		t.Errorf("got %s", n)
	}
}

func TestServeOtherCommandsAttach(t *testing.T) {
	t.Parallel()
	needRuntime(t)
	data := freshCluster(t, filepath.Join(t.TempDir(), "data"))
	s := serveCluster(t, data)
	served := show(t, s.connect(), "select pg_postmaster_start_time()::text")
	for _, args := range [][]string{
		{"exec", "-At", "select pg_postmaster_start_time()"},
		{"tool", "psql", "-Atc", "select pg_postmaster_start_time()"},
	} {
		code, stdout, stderr := pglite(t, append([]string{"-D", data}, args...)...)
		if code != exitOK || strings.TrimSpace(stdout) != served || stderr != "" {
			t.Errorf("%v: %d, %q, %q, want %q", args, code, stdout, stderr, served)
		}
	}
	wantRefusal(t, `is in use by pglite process \d+`, "-D", data, "--no-attach", "exec", "select 1")
	wantRefusal(t, `is in use by pglite process \d+`, "-D", data, "serve", "--socket-dir", t.TempDir())
	wantRefusal(t, `takes no server parameters`, "-D", data, "--set", "work_mem=1MB", "exec", "select 1")
	wantRefusal(t, `another server listens there`, "-D", "memory:", "serve", "--socket-dir", s.socket)
}

func TestServePrintsURI(t *testing.T) {
	t.Parallel()
	needRuntime(t)
	data := freshCluster(t, filepath.Join(t.TempDir(), "data"))
	s := serveCluster(t, data, "--tcp", "0", "--print-uri")
	for range 2 {
		line, err := s.stdout.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		uri := strings.TrimSpace(line)
		conn, err := pgx.Connect(context.Background(), uri)
		if err != nil {
			t.Fatalf("%s: %v", uri, err)
		}
		_ = conn.Close(context.Background())
		db, err := sql.Open("postgres", uri) // lib/pq insists on TLS unless told otherwise
		if err != nil {
			t.Fatalf("%s: %v", uri, err)
		}
		if err := errors.Join(db.Ping(), db.Close()); err != nil {
			t.Errorf("%s: %v", uri, err)
		}
	}
}

func TestServeRefusals(t *testing.T) {
	t.Parallel()
	needRuntime(t)
	data := freshCluster(t, filepath.Join(t.TempDir(), "data"))
	if err := os.WriteFile(filepath.Join(data, "pg_hba.conf"), []byte("local all all trust\nhost all all all trust\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ want, args string }{
		{`\n?pglite: TCP address .*from other machines, and pg_hba.conf trusts them`, "--tcp *:0 --socket-dir " + t.TempDir()},
		{`the port must be a number`, "--tcp nonsense"},
		{`want text or json`, "--log-format yaml"},
		{`both a certificate and a key`, "--tcp 0 --tls-cert x"},
		{`--tls-cert is for TCP clients: give --tcp`, "--tls-cert x --tls-key y"},
		{`--tls-self-signed is for TCP clients: give --tcp`, "--tls-self-signed --socket-dir " + t.TempDir()},
		{`--require-tls is for TCP clients: give --tcp`, "--require-tls -- true"},
		{`unknown option --nonsense`, "--nonsense"},
		{`want a number of sessions`, "--max-connections many"},
	} {
		code, stdout, stderr := pglite(t, append([]string{"-D", data, "serve"}, strings.Fields(test.args)...)...)
		if code != exitFailure || stdout != "" || !matches(test.want, stderr) {
			t.Errorf("%s: %d, %q, %q", test.args, code, stdout, stderr)
		}
	}
}
