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
	"github.com/pglite-toolbox/pglite/internal/wire"
)

// watchFlags are the options of serve that show or keep what clients and the server say.
func watchFlags() []cli.Flag {
	return []cli.Flag{
		&cli.BoolFlag{Name: "tap", Usage: "show the messages of all clients, decoded, on standard error"},
		&cli.StringFlag{Name: "tap-file", Usage: "show them in `FILE` instead of standard error"},
		&cli.StringFlag{Name: "record", Usage: "write what goes over all clients' connections to `FILE`, for pglite hexdump -f"},
	}
}

// clientWatch is who looks at the clients of serve. The zero value looks at none.
type clientWatch struct {
	watch   []wire.Watcher
	clients atomic.Uint32 // counted over restarts of the server
	tap     *hexdump.Tap
	file    *os.File // of the tap; nil for standard error
	log     io.Writer

	tapName    string // "" for no file
	recordName string // "" for none
	record     *record
}

// newClientWatch takes what the command line names; files are for over to open. Its log is where serve's log has to go: through the tap when both share standard
// error, so that a reader who stops reading stops nobody.
func newClientWatch(c *cli.Context, s Streams) (*clientWatch, error) {
	w := &clientWatch{log: s.Err, tapName: s.path(c.String("tap-file")), recordName: s.path(c.String("record"))}
	switch {
	case w.tapName != "":
	case c.Bool("tap") && c.String("log-format") == "json":
		return nil, &usageError{"serve", "--tap would mix its lines into the JSON of --log-format: give --tap-file FILE"}
	case c.Bool("tap"):
		w.show(s.Err, s.ErrTerminal && s.colors())
		w.log = w.tap
	}
	return w, nil
}

// show begins the tap.
func (w *clientWatch) show(out io.Writer, color bool) {
	w.tap = hexdump.NewTap(out, color)
	w.watch = append(w.watch, w.tap)
}

// over returns the cluster with its clients watched. The first time it makes the files, which may belong to another server as long as
// that has the cluster. log is told when recording fails later: clients go on then.
func (w *clientWatch) over(db servedCluster, log *slog.Logger) (servedCluster, error) {
	if w.tapName != "" && w.file == nil {
		file, err := privateFile(w.tapName)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("tap: %w", err), db.Close())
		}
		w.file = file
		w.show(file, false)
	}
	if w.recordName != "" && w.record == nil {
		record, err := newRecord(w.recordName)
		if err != nil {
			return nil, errors.Join(err, db.Close())
		}
		w.record = record
		w.watch = append(w.watch, &patientRecord{record: record, log: log})
	}
	if len(w.watch) == 0 {
		return db, nil
	}
	return &watchedService{db, w.watch, &w.clients}, nil
}

// patientRecord is a record whose failure ends no connection: the log is told of the first.
type patientRecord struct {
	*record
	log  *slog.Logger
	told sync.Once
}

// Add implements [wire.Watcher].
func (r *patientRecord) Add(conn uint32, d hexdump.Direction, b []byte) error {
	return r.tell(r.record.Add(conn, d, b))
}

// End implements [wire.Watcher].
func (r *patientRecord) End(conn uint32) error { return r.tell(r.record.End(conn)) }

func (r *patientRecord) tell(err error) error {
	if err != nil {
		r.told.Do(func() { r.log.Error("nothing more is recorded", "error", err) })
	}
	return nil
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
	watch   []wire.Watcher
	clients *atomic.Uint32
}

// ServeConn implements server.Cluster.
func (w *watchedService) ServeConn(ctx context.Context, client net.Conn) error {
	return w.servedCluster.ServeConn(ctx, &wire.Conn{
		Conn: client, Number: w.clients.Add(1), Reads: wire.FromClient, Writes: wire.FromServer, Watch: w.watch,
	})
}
