//go:build unix

package cmd

import (
	"context"
	"log/slog"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/engine/server"
)

// mortal is a cluster whose server seems to end by itself.
type mortal struct {
	*engine.DB
	dead chan struct{}
}

func (m mortal) Done() <-chan struct{} { return m.dead }

// TestServeStartsAgain: a server that has ended by itself is started again over the same data, behind the same socket, until that happens
// too often.
func TestServeStartsAgain(t *testing.T) {
	needRuntime(t)
	data := freshCluster(t, filepath.Join(t.TempDir(), "data"))
	var starts atomic.Int32
	opened := make(chan mortal, mostRestarts+1)
	s := &serving{
		cfg: clusterConfig{User: "postgres", Database: "postgres"}, log: slog.New(slog.DiscardHandler),
		open: func(ctx context.Context) (servedCluster, error) {
			config, err := engineConfig(ctx, clusterConfig{DataDir: data})
			if err != nil {
				return nil, err
			}
			db, err := engine.Open(ctx, config)
			if err != nil {
				return nil, err
			}
			starts.Add(1)
			m := mortal{db, make(chan struct{})}
			opened <- m
			return m, nil
		},
	}
	dir := t.TempDir()
	ended := make(chan error, 1)
	go func() { ended <- s.run(context.Background(), server.Config{SocketDir: dir}) }()
	for i := range mostRestarts + 1 {
		m := <-opened
		waitForSession(t, dir)
		if i == 1 && starts.Load() != 2 {
			t.Errorf("%d starts", starts.Load())
		}
		close(m.dead)
	}
	select {
	case err := <-ended:
		if err == nil || !matches(`ended \d+ times`, err.Error()) {
			t.Errorf("ended with %v", err)
		}
	case <-time.After(time.Minute):
		_ = syscall.Kill(syscall.Getpid(), syscall.SIGTERM)
		t.Fatal("goes on for ever")
	}
}

// waitForSession waits until the server behind the socket answers; while it starts again, it does not.
func waitForSession(t *testing.T, dir string) {
	t.Helper()
	deadline := time.Now().Add(time.Minute)
	for {
		conn, err := pgx.Connect(context.Background(), "user=postgres connect_timeout=5 host="+dir)
		if err == nil {
			_ = conn.Close(context.Background())
			return
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Millisecond)
	}
}
