package cmd

import (
	"context"
	"fmt"
	"net"
	"sync"
	"sync/atomic"

	"github.com/pglite-toolbox/pglite/hexdump"
)

// wireWatcher is told what goes over a connection, and its end, which may come while bytes do.
type wireWatcher func(conn uint32, d hexdump.Direction, b []byte) error

// watchedCluster shows what goes over its connections, of which the first has number 0.
type watchedCluster struct {
	cluster
	watch []wireWatcher
	dials atomic.Uint32
}

// Dial implements cluster.
func (w *watchedCluster) Dial(ctx context.Context) (net.Conn, error) {
	conn, err := w.cluster.Dial(ctx)
	if err != nil {
		return nil, err
	}
	return &watchedConn{Conn: conn, number: w.dials.Add(1) - 1, reads: hexdump.FromServer, writes: hexdump.FromClient, watch: w.watch}, nil
}

// watchedConn is a connection that is watched.
type watchedConn struct {
	net.Conn
	number        uint32
	reads, writes hexdump.Direction // what it means to read and to write
	watch         []wireWatcher

	mu    sync.Mutex // watchers hear of one thing at a time
	ended bool
}

// Read implements net.Conn.
func (w *watchedConn) Read(b []byte) (int, error) {
	n, err := w.Conn.Read(b)
	if e := w.show(w.reads, b[:n]); e != nil {
		return n, e
	}
	return n, err // as it is: pgconn looks at it
}

// Write implements net.Conn. The watchers are told first: an answer must not be shown before its question.
func (w *watchedConn) Write(b []byte) (int, error) {
	if err := w.show(w.writes, b); err != nil {
		return 0, err
	}
	return w.Conn.Write(b)
}

// CloseWrite ends the writing direction of a connection that has two.
func (w *watchedConn) CloseWrite() error {
	if c, ok := w.Conn.(interface{ CloseWrite() error }); ok {
		return c.CloseWrite()
	}
	return nil
}

// Close implements net.Conn.
func (w *watchedConn) Close() error {
	err := w.Conn.Close()
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ended {
		return err
	}
	w.ended = true
	for _, f := range w.watch {
		_ = f(w.number, hexdump.Ended, nil)
	}
	return err
}

func (w *watchedConn) show(d hexdump.Direction, b []byte) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(b) == 0 || w.ended {
		return nil
	}
	for _, f := range w.watch {
		if err := f(w.number, d, b); err != nil {
			return fmt.Errorf("show the bytes: %w", err)
		}
	}
	return nil
}
