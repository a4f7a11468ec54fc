package cmd

import (
	"context"
	"net"
	"sync/atomic"

	"github.com/pglite-toolbox/pglite/internal/wire"
)

// watchedCluster shows what goes over its connections, of which the first has number 0.
type watchedCluster struct {
	cluster
	watch []wire.Watcher
	dials atomic.Uint32
}

// Dial implements cluster.
func (w *watchedCluster) Dial(ctx context.Context) (net.Conn, error) {
	conn, err := w.cluster.Dial(ctx)
	if err != nil {
		return nil, err
	}
	return w.wrap(conn), nil
}

// wrap returns a connection that is watched.
func (w *watchedCluster) wrap(conn net.Conn) net.Conn {
	return &wire.Conn{
		Conn: conn, Number: w.dials.Add(1) - 1, Reads: wire.FromServer, Writes: wire.FromClient, Watch: w.watch,
	}
}
