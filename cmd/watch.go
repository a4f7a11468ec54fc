package cmd

import (
	"context"
	"fmt"
	"net"
	"os"
	"sync/atomic"

	"github.com/pglite-toolbox/pglite/hexdump"
)

// record is a file that keeps what goes over the wire.
type record struct {
	*hexdump.CaptureWriter
	file *os.File
}

// newRecord begins a file, which only its owner can read.
func newRecord(name string) (*record, error) {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, fmt.Errorf("record: %w", err)
	}
	w, err := hexdump.NewCaptureWriter(f)
	if err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("record: %w", err)
	}
	return &record{w, f}, nil
}

// close reports an error of the file unless there is another already.
func (r *record) close(err *error) {
	if e := r.file.Close(); e != nil && *err == nil {
		*err = fmt.Errorf("record: %w", e)
	}
}

// watchedCluster shows what goes over its connections.
type watchedCluster struct {
	cluster
	watch []wireWatcher
	dials atomic.Uint32
}

// wireWatcher is told what goes over a connection; the first has number 0.
type wireWatcher func(conn uint32, d hexdump.Direction, b []byte) error

// Dial implements cluster.
func (w *watchedCluster) Dial(ctx context.Context) (net.Conn, error) {
	conn, err := w.cluster.Dial(ctx)
	if err != nil {
		return nil, err
	}
	return &watchedConn{conn, w.dials.Add(1) - 1, w.watch}, nil
}

type watchedConn struct {
	net.Conn
	number uint32
	watch  []wireWatcher
}

func (w *watchedConn) Read(b []byte) (int, error) {
	n, err := w.Conn.Read(b)
	if e := w.show(hexdump.FromServer, b[:n]); e != nil {
		return n, e
	}
	return n, err // as it is: pgconn looks at it
}

func (w *watchedConn) Write(b []byte) (int, error) {
	if err := w.show(hexdump.FromClient, b); err != nil {
		return 0, err
	}
	return w.Conn.Write(b)
}

func (w *watchedConn) show(d hexdump.Direction, b []byte) error {
	for _, f := range w.watch {
		if err := f(w.number, d, b); err != nil && len(b) > 0 {
			return fmt.Errorf("show the bytes: %w", err)
		}
	}
	return nil
}

// recorded returns the cluster with its connections recorded in a file, which end closes; without a name it is the cluster itself.
func recorded(db cluster, name string) (_ cluster, end func(*error), err error) {
	if name == "" {
		return db, func(*error) {}, nil
	}
	r, err := newRecord(name)
	if err != nil {
		return db, nil, err
	}
	return &watchedCluster{cluster: db, watch: []wireWatcher{r.Add}}, r.close, nil
}
