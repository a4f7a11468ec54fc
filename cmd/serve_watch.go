package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/pglite-toolbox/pglite/hexdump"
)

// watchFlags are the options of serve that show or keep what clients and the server say.
func watchFlags() []cli.Flag {
	return []cli.Flag{
		&cli.BoolFlag{Name: "tap", Usage: "show the messages of all clients, decoded, on standard error"},
		&cli.StringFlag{Name: "tap-file", Usage: "show them in `FILE` in place of standard error"},
		&cli.StringFlag{Name: "record", Usage: "write what goes over all clients' connections to `FILE`, for pglite hexdump -f"},
	}
}

// clientWatch is who looks at the clients of serve. The zero value looks at none.
type clientWatch struct {
	watch   []wireWatcher
	clients atomic.Uint32 // counted over restarts of the server
	tap     *hexdump.Tap
	file    *os.File // of the tap; nil for standard error
	log     io.Writer

	recordName string // "" for none
	record     *record
}

// newClientWatch opens what the command line names. Its log is where serve's log has to go: through the tap when both share standard
// error, so that a reader who stops reading stops nobody.
func newClientWatch(c *cli.Context, s Streams) (w *clientWatch, err error) {
	w = &clientWatch{log: s.Err, recordName: c.String("record")}
	switch name := c.String("tap-file"); {
	case name != "":
		if w.file, err = os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600); err != nil {
			return nil, fmt.Errorf("tap: %w", err)
		}
		w.tap = hexdump.NewTap(w.file, false)
	case c.Bool("tap") && c.String("log-format") == "json":
		return nil, &usageError{"serve", "--tap would mix its lines into the JSON of --log-format: give --tap-file FILE"}
	case c.Bool("tap"):
		w.tap = hexdump.NewTap(s.Err, s.ErrTerminal && os.Getenv("NO_COLOR") == "")
		w.log = w.tap
	}
	if w.tap != nil {
		w.watch = append(w.watch, w.tap.Add)
	}
	return w, nil
}

// over returns the cluster with its clients watched. The first time it makes the record, which may belong to another server as long as
// that has the cluster. log is told when recording fails later: clients go on then.
func (w *clientWatch) over(db servedCluster, log *slog.Logger) (servedCluster, error) {
	if w.recordName != "" && w.record == nil {
		record, err := newRecord(w.recordName)
		if err != nil {
			return nil, errors.Join(err, db.Close())
		}
		w.record = record
		var told sync.Once
		w.watch = append(w.watch, func(conn uint32, d hexdump.Direction, b []byte) error {
			if err := record.Add(conn, d, b); err != nil {
				told.Do(func() { log.Error("nothing more is recorded", "error", err) })
			}
			return nil
		})
	}
	if len(w.watch) == 0 {
		return db, nil
	}
	return &watchedService{db, w.watch, &w.clients}, nil
}

// tapPatience is how long the end waits for the reader of a tap.
const tapPatience = time.Second

// close ends it all and reports an error of the record unless there is another already.
func (w *clientWatch) close(err *error) {
	if w.record != nil {
		w.record.close(err)
	}
	if w.tap != nil {
		w.tap.Close(tapPatience)
	}
	if w.file != nil {
		_ = w.file.Close()
	}
}

// watchedService shows what its clients and the server say. The first client has number 1.
type watchedService struct {
	servedCluster
	watch   []wireWatcher
	clients *atomic.Uint32
}

// ServeConn implements server.Cluster.
func (w *watchedService) ServeConn(ctx context.Context, client net.Conn) error {
	return w.servedCluster.ServeConn(ctx, &watchedConn{
		Conn: client, number: w.clients.Add(1), reads: hexdump.FromClient, writes: hexdump.FromServer, watch: w.watch,
	})
}
