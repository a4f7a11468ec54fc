//go:build unix

package cmd

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/engine/server"
)

// endPostmaster ends the server for good: a superuser's wild pointer is a trap, and the postmaster does not start again after one when
// restart_after_crash is off.
func endPostmaster(t *testing.T, conn *pgx.Conn) {
	t.Helper()
	if _, err := conn.Exec(context.Background(), "create or replace function deref(int4) returns cstring language internal strict as 'textout'"); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Exec(context.Background(), "select deref(-16)"); err == nil {
		t.Fatal("no trap")
	}
}

// TestServeStartsAgain: a server that has ended by itself is started again over the same data, behind the same socket, until that happens
// too often.
func TestServeStartsAgain(t *testing.T) {
	t.Parallel()
	needRuntime(t)
	data := freshCluster(t, filepath.Join(t.TempDir(), "data"))
	s := serveCluster(t, data, "--set", "restart_after_crash=off")
	if _, err := s.connect().Exec(context.Background(), "create table kept as select 1 i"); err != nil {
		t.Fatal(err)
	}
	started := ""
	for range mostRestarts + 1 {
		var conn *pgx.Conn
		conn, started = waitForServer(t, s.socket, started)
		if n := show(t, conn, "select i::text from kept"); n != "1" {
			t.Errorf("got %s", n)
		}
		endPostmaster(t, conn)
	}
	select {
	case <-s.done:
	case <-time.After(patience):
		t.Fatalf("goes on for ever:\n%s", s.said())
	}
	if code := s.cmd.ProcessState.ExitCode(); code != exitFailure || !matches(`ended \d+ times in short order`, s.said()) {
		t.Errorf("exit code %d:\n%s", code, s.said())
	}
	if left := s.left(); left != "" {
		t.Errorf("left behind: %s", left)
	}
}

// restarted runs serve with the first start being real; once its server has ended, again opens the cluster. It returns when that
// server had started, and what serve returns.
func restarted(t *testing.T, dir string, again func(context.Context, engine.Config) (servedCluster, error)) (started string, ended <-chan error) {
	t.Helper()
	needRuntime(t)
	cfg := clusterConfig{DataDir: freshCluster(t, filepath.Join(t.TempDir(), "data")), Settings: map[string]string{"restart_after_crash": "off"}}
	config, err := engineConfig(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	config.NoAttach = true
	starts := 0
	s := &serving{
		cfg: clusterConfig{User: "postgres", Database: "postgres"}, log: slog.New(slog.DiscardHandler),
		open: func(ctx context.Context) (servedCluster, error) {
			if starts++; starts > 1 {
				return again(ctx, config)
			}
			return engine.Open(ctx, config)
		},
	}
	returned := make(chan error, 1)
	go func() { returned <- s.run(context.Background(), server.Config{SocketDir: dir}) }()
	conn, started := waitForServer(t, dir, "")
	endPostmaster(t, conn)
	return started, returned
}

// TestServeTakesTheClusterBack: a process that was attached, and starts the server before serve does, is waited for.
func TestServeTakesTheClusterBack(t *testing.T) {
	dir := t.TempDir()
	locked := 3
	started, ended := restarted(t, dir, func(ctx context.Context, config engine.Config) (servedCluster, error) {
		if locked--; locked >= 0 {
			return nil, fmt.Errorf("open: %w", &engine.LockedError{Dir: config.DataDir, PID: 1})
		}
		return engine.Open(ctx, config)
	})
	waitForServer(t, dir, started)
	if locked > 0 {
		t.Error("the other process was not waited for")
	}
	interruptSelf(t)
	if err := <-ended; err != nil {
		t.Errorf("ended with %v", err)
	}
}

// TestServeEndsWhileItStartsAgain: a signal ends a restart.
func TestServeEndsWhileItStartsAgain(t *testing.T) {
	starting := make(chan struct{})
	_, ended := restarted(t, t.TempDir(), func(ctx context.Context, _ engine.Config) (servedCluster, error) {
		close(starting)
		<-ctx.Done()
		return nil, ctx.Err()
	})
	<-starting
	interruptSelf(t)
	select {
	case err := <-ended:
		if err == nil || !matches("PostgreSQL ended unexpectedly", err.Error()) {
			t.Errorf("ended with %v, want what became of the server", err)
		}
	case <-time.After(patience):
		t.Fatal("the signal is not obeyed")
	}
}

// interruptSelf sends the signal that serve, in this process, waits for. It reaches every run of the program in this process, so a test
// that does this does not run beside others.
func interruptSelf(t *testing.T) {
	t.Helper()
	if err := syscall.Kill(syscall.Getpid(), syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
}

// waitForServer connects as soon as a server other than the one before answers behind the socket, and returns when that has started.
func waitForServer(t *testing.T, dir, before string) (conn *pgx.Conn, started string) {
	t.Helper()
	ctx := context.Background()
	deadline := time.Now().Add(patience)
	for {
		conn, err := pgx.Connect(ctx, "user=postgres host="+dir)
		if err == nil {
			t.Cleanup(func() { _ = conn.Close(ctx) })
			err = conn.QueryRow(ctx, "select pg_postmaster_start_time()::text").Scan(&started)
		}
		if err == nil && started != before {
			return conn, started
		}
		if time.Now().After(deadline) {
			t.Fatalf("no other server than that of %q: %v", before, err)
		}
		time.Sleep(5 * time.Millisecond)
	}
}
