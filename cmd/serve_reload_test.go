//go:build unix

package cmd

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/engine/server"
)

func TestServeReload(t *testing.T) {
	t.Parallel()
	needRuntime(t)
	data := freshCluster(t, filepath.Join(t.TempDir(), "data"))
	s := serveCluster(t, data)
	conf, err := os.OpenFile(filepath.Join(data, "postgresql.conf"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conf.WriteString("work_mem = '12345kB'\n"); err != nil || conf.Close() != nil {
		t.Fatal(err)
	}
	s.signal(syscall.SIGHUP)
	s.waitForLog(`parameter "work_mem" changed`)
}

// deaf is a cluster that at some time takes connections and answers none.
type deaf struct {
	*engine.DB
	now   atomic.Bool
	asked chan struct{}
	ended error // why the last answer was given up
}

func (d *deaf) DialFrom(ctx context.Context, local, remote netip.AddrPort) (net.Conn, error) {
	if !d.now.Load() {
		return d.DB.DialFrom(ctx, local, remote)
	}
	close(d.asked)
	<-ctx.Done()
	d.ended = ctx.Err()
	return nil, d.ended
}

// A reload asks the server whom it trusts when other machines can connect. Until that is answered, signals are obeyed.
func TestServeEndsWhileItReloads(t *testing.T) {
	needRuntime(t)
	cfg := clusterConfig{DataDir: freshCluster(t, filepath.Join(t.TempDir(), "data"))}
	config, err := engineConfig(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	db, err := engine.Open(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	d := &deaf{DB: db, asked: make(chan struct{})}
	ready := make(chan struct{})
	s := &serving{
		cfg: clusterConfig{User: "postgres", Database: "postgres"}, printURI: true, out: writerFunc(func([]byte) { close(ready) }),
		log: slog.New(slog.DiscardHandler), open: func(context.Context) (servedCluster, error) { return d, nil },
	}
	ended := make(chan error, 1)
	go func() { ended <- s.run(context.Background(), server.Config{TCP: "*:0"}) }()
	select {
	case <-ready:
	case err := <-ended:
		t.Fatal(err)
	}
	d.now.Store(true)
	if err := syscall.Kill(syscall.Getpid(), syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	<-d.asked
	interruptSelf(t)
	if err := <-ended; err != nil {
		t.Errorf("ended with %v", err)
	}
	if !errors.Is(d.ended, context.Canceled) {
		t.Errorf("the signal is not obeyed during the reload, which ended with %v", d.ended)
	}
}

// writerFunc is told what is written.
type writerFunc func([]byte)

func (f writerFunc) Write(b []byte) (int, error) {
	f(b)
	return len(b), nil
}
