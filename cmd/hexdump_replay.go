package cmd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"os"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/urfave/cli/v2"

	"github.com/pglite-toolbox/pglite/hexdump"
	"github.com/pglite-toolbox/pglite/internal/pgclient"
)

// replay sends a capture's requests to a server and shows where the answers differ: exit code 1 then.
func (p *program) replay(c *cli.Context, name, uri string) (err error) {
	in := p.streams.In
	if name != "-" {
		f, err := os.Open(p.streams.path(name))
		if err != nil {
			return fmt.Errorf("replay: %w", err)
		}
		defer f.Close()
		in = f
	}
	if c.Int("timeout") < 1 {
		return &usageError{"hexdump", "--timeout: want a number of seconds"}
	}
	connect, end, err := p.replayTarget(c, uri)
	if err != nil {
		return err
	}
	defer end(&err)
	r := hexdump.Replay{
		Connect: connect, Out: p.streams.Out, Color: p.streams.OutTerminal && p.streams.colors(),
		Patience: time.Duration(c.Int("timeout")) * time.Second,
	}
	result, err := r.Run(c.Context, in)
	if err != nil {
		return fmt.Errorf("replay %s: %w", name, err)
	}
	if result.Answers+result.NotSent == 0 {
		return fmt.Errorf("replay %s: the capture holds no request", name)
	}
	return tellReplay(p.streams.Out, result)
}

func tellReplay(w io.Writer, r hexdump.ReplayResult) error {
	text := fmt.Sprintf("%s over %s: ", counted(r.Answers, "answer"), counted(r.Connections, "connection"))
	if r.Different == 0 {
		text += "as recorded"
	} else {
		text += fmt.Sprintf("%d differ (- recorded, + received)", r.Different)
	}
	if r.NotSent > 0 {
		text += fmt.Sprintf("; %s not sent", counted(r.NotSent, "request"))
	}
	if _, err := fmt.Fprintln(w, text); err != nil {
		return err
	}
	if !r.Same() {
		return exitStatus(exitFailure)
	}
	return nil
}

func counted(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}

// replayTarget returns what logs in to the server of a URI, or to the cluster's. What the command line does not say, the
// capture does: user, database, and all parameters of the session.
func (p *program) replayTarget(c *cli.Context, uri string) (connect func(context.Context, map[string]string) (net.Conn, error), end func(*error), err error) {
	cfg, err := p.config(c)
	if err != nil {
		return nil, nil, err
	}
	if uri != "" {
		if err := p.wants("hexdump", "hexdump of another server", "dbname", "username"); err != nil {
			return nil, nil, err
		}
	}
	var config *pgconn.Config
	end = func(*error) {}
	if uri == "" {
		db, err := p.backend.open(c.Context, cfg)
		if err != nil {
			return nil, nil, err
		}
		end = func(e *error) { closing(db, e) }
		config = pgclient.Own(db.Dial, pgclient.Login{Password: cfg.Password, Getenv: p.streams.getenv})
	} else if config, err = pgclient.ParseRemote(uri); err != nil {
		return nil, nil, badURI("hexdump", err)
	}
	if c.IsSet("username") {
		config.User = cfg.User
	}
	if c.IsSet("dbname") {
		config.Database = cfg.Database
	}
	config.OnNotice = func(_ *pgconn.PgConn, n *pgconn.Notice) { p.showNotice(n) }
	return func(ctx context.Context, recorded map[string]string) (net.Conn, error) {
		return logIn(ctx, config, recorded)
	}, end, nil
}

// logIn opens a session with recorded parameters.
func logIn(ctx context.Context, config *pgconn.Config, recorded map[string]string) (net.Conn, error) {
	if recorded == nil {
		return nil, errors.New("the beginning of the connection is not in the capture")
	}
	config = config.Copy()
	config.User = cmp.Or(config.User, recorded["user"])
	config.Database = cmp.Or(config.Database, recorded["database"], recorded["user"])
	config.RuntimeParams = maps.Clone(recorded)
	maps.DeleteFunc(config.RuntimeParams, func(name, _ string) bool {
		return name == "user" || name == "database" || name == "password" || strings.HasPrefix(name, "_pq_.")
	})
	conn, err := pgconn.ConnectConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	hijacked, err := pgclient.Hijack(ctx, conn)
	if err != nil {
		return nil, err
	}
	return hijacked.Conn, nil
}
