package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/jackc/pgx/v5/pgproto3"
	"github.com/urfave/cli/v2"

	"github.com/pglite-toolbox/pglite/hexdump"
	"github.com/pglite-toolbox/pglite/internal/pgclient"
	"github.com/pglite-toolbox/pglite/internal/wire"
)

func (p *program) hexdumpCommand() *cli.Command {
	return &cli.Command{
		Name:      "hexdump",
		Usage:     "show what goes over the wire",
		UsageText: "pglite hexdump [options] [[URI] SQL…|-f FILE|--replay FILE]",
		Description: `Runs SQL and shows the messages of both directions, from the connection's first: "->" is to the server, "<-" from it. A connection
URI as the first argument, or --uri, names another server than the cluster's; TLS does not hide its messages. With -f it shows captured bytes: a file that --record wrote, or the bytes of one direction as they are. Messages made for passwords, proofs and
keys are hidden, in a recorded file too. In SQL and in data, secrets are hidden as far as what stands around them tells.

--replay sends what the clients in a recorded file have said to the cluster, or to the server of the URI, over as many connections, and shows
where the answers differ: exit code 1 then. It logs in by itself, with the user, database and parameters of the recording unless
told otherwise; requests that hold a password, and cancel requests, are not sent.

Examples:
   pglite hexdump "SELECT 42"
   pglite hexdump --decode --limit 2 "SELECT 42"
   pglite hexdump --record session.cap "SELECT 42"
   pglite hexdump postgresql://app@db.example.org/shop "SELECT 42"
   pglite hexdump --decode -f session.cap
   pglite -D memory: hexdump --replay session.cap
   pglite hexdump --replay session.cap --uri postgresql://app@db.example.org/shop
   nc -l 5432 | pglite hexdump -f -`,
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "decode", Usage: "show the fields of messages instead of their bytes"},
			&cli.BoolFlag{Name: "raw", Usage: "show the bytes without the messages' names"},
			&cli.IntFlag{Name: "limit", Aliases: []string{"n"}, Usage: "show at most `N` lines of a message; 0 shows all"},
			&cli.StringFlag{Name: "file", Aliases: []string{"f"}, Usage: "show the bytes in `FILE`, or - for standard input"},
			&cli.StringFlag{Name: "record", Usage: "write what goes over the wire to `FILE` too"},
			&cli.StringFlag{Name: "replay", Usage: "send the requests in `FILE`, which --record wrote, or - for standard input, and compare the answers"},
			&cli.StringFlag{Name: "uri", Usage: "talk to another PostgreSQL server, whose connection URI this is"},
			&cli.IntFlag{Name: "timeout", Value: 60, Usage: "wait at most `SECONDS` for a message of a replayed answer"},
		},
		Action: p.hexdump,
	}
}

func (p *program) hexdump(c *cli.Context) error {
	if c.Bool("raw") && c.Bool("decode") {
		return &usageError{"hexdump", "--raw shows bytes, --decode fields: give one of them"}
	}
	printer := &hexdump.Printer{
		Out: p.streams.Out, Raw: c.Bool("raw"), Decode: c.Bool("decode"), Limit: c.Int("limit"),
		Color: p.streams.OutTerminal && p.streams.colors(),
	}
	name, args, uri := c.String("file"), c.Args().Slice(), c.String("uri")
	if len(args) > 0 && pgclient.IsURI(args[0]) { // no SQL looks like that
		if uri != "" {
			return &usageError{"hexdump", "there are two connection URIs: give one server"}
		}
		uri, args = args[0], args[1:]
	}
	if capture := c.String("replay"); capture != "" {
		if name != "" || len(args) > 0 || c.IsSet("record") || c.Bool("raw") || c.Bool("decode") || c.IsSet("limit") {
			return &usageError{"hexdump", "--replay takes what it sends from its file: no SQL, --file, --record, --raw, --decode or --limit beside it"}
		}
		return p.replay(c, capture, uri)
	}
	if c.IsSet("timeout") {
		return &usageError{"hexdump", "--timeout goes with --replay"}
	}
	if name == "" && len(args) == 1 && args[0] == "-" {
		name, args = "-", nil
	}
	switch {
	case name != "" && len(args) > 0:
		return &usageError{"hexdump", "give SQL or a file, not both"}
	case name != "" && uri != "":
		return &usageError{"hexdump", "give a server or captured bytes, not both"}
	case name != "":
		if err := p.wants("hexdump", "hexdump of captured bytes"); err != nil {
			return err
		}
		return p.showCapture(name, printer)
	case len(args) == 0:
		return &usageError{"hexdump", "nothing to show: give SQL, or captured bytes with -f"}
	}
	return p.showSQL(c, printer, uri, args)
}

// showCapture shows captured bytes.
func (p *program) showCapture(name string, printer *hexdump.Printer) error {
	in := p.streams.In
	if name != "-" {
		f, err := os.Open(p.streams.path(name))
		if err != nil {
			return fmt.Errorf("captured bytes: %w", err)
		}
		defer f.Close()
		in = f
	}
	return errors.Join(printCapture(printer, in), printer.Close())
}

// printCapture prints the records of a capture.
func printCapture(printer *hexdump.Printer, in io.Reader) error {
	for r, err := range hexdump.ReadCapture(in) {
		if err != nil {
			return err
		}
		printer.Started = r.Started
		if err := printer.Record(r); err != nil {
			return err
		}
	}
	return nil
}

// showSQL runs statements on a connection that is watched: to the server of a URI, or to the cluster when there is none.
func (p *program) showSQL(c *cli.Context, printer *hexdump.Printer, uri string, statements []string) (err error) {
	cfg, settings, err := p.hexdumpTarget(c, uri)
	if err != nil {
		return err
	}
	watched := &watchedCluster{watch: []wire.Watcher{printer}}
	if uri == "" {
		if watched.cluster, err = p.backend.open(c.Context, cfg); err != nil {
			return err
		}
		defer closing(watched.cluster, &err)
	}
	if name := c.String("record"); name != "" { // an older file stays when there is nothing to record
		record, err := newRecord(name)
		if err != nil {
			return err
		}
		defer record.close(&err)
		watched.watch = append(watched.watch, record)
	}
	conn, err := p.connectWatched(c.Context, watched, cfg, settings)
	if err != nil {
		return errors.Join(printer.Close(), err)
	}
	defer func() { err = errors.Join(err, printer.Close()) }()
	defer conn.Close()
	for _, sql := range statements {
		if err := exchange(c.Context, conn, sql); err != nil {
			return err
		}
	}
	return nil
}

// hexdumpTarget returns the cluster of the command line, or the server of a URI.
func (p *program) hexdumpTarget(c *cli.Context, uri string) (cfg clusterConfig, server pgclient.Keywords, err error) {
	if uri == "" {
		cfg, err = p.config(c)
		return cfg, nil, err
	}
	if err := p.wants("hexdump", "hexdump of another server", "dbname", "username"); err != nil {
		return cfg, nil, err
	}
	if server, err = pgclient.ParseKeywords(uri); err != nil {
		return cfg, nil, badURI("hexdump", err)
	}
	for option, keyword := range map[string]string{"username": "user", "dbname": "dbname"} {
		if slices.Contains(p.globals, option) {
			server[keyword] = c.String(option)
		}
	}
	return cfg, server, nil
}

// connectWatched opens a session that is watched: on a server, or on the cluster when there is none.
func (p *program) connectWatched(
	ctx context.Context, w *watchedCluster, cfg clusterConfig, server pgclient.Keywords,
) (*pgclient.Session, error) {
	if server == nil {
		return p.connect(ctx, w, cfg, nil)
	}
	options := p.handshake(nil)
	options.Wrap = w.wrap
	return pgclient.OpenRemote(ctx, server, options)
}

// exchange sends a query and receives all that the server says to it.
func exchange(ctx context.Context, conn *pgclient.Session, sql string) error {
	defer context.AfterFunc(ctx, func() { _ = conn.Conn.Close() })()
	conn.Frontend.SendQuery(&pgproto3.Query{String: sql})
	if err := conn.Frontend.Flush(); err != nil {
		return err
	}
	failed := false
	for {
		message, err := conn.Frontend.Receive()
		if err != nil {
			return errors.Join(context.Cause(ctx), err)
		}
		switch message.(type) {
		case *pgproto3.CopyInResponse:
			conn.Frontend.Send(&pgproto3.CopyFail{Message: "pglite hexdump has no data"})
			if err := conn.Frontend.Flush(); err != nil {
				return err
			}
		case *pgproto3.ErrorResponse:
			failed = true
		case *pgproto3.ReadyForQuery:
			if failed {
				return exitStatus(exitScript)
			}
			return nil
		}
	}
}
