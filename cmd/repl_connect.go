package cmd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net"

	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/internal/pgclient"
	"github.com/pglite-toolbox/pglite/repl"
)

// connector makes the connections of a session, one after another: to its own cluster, or to another server that \c
// names.
type connector struct {
	program *program
	db      cluster
	cfg     clusterConfig
	plan    *plan
	conn    *pgclient.Session
	remote  pgclient.Keywords // how the other server was reached, nil while the session is on its cluster
}

// connect connects the session to a target. When it fails the session is as it was.
func (k *connector) connect(ctx context.Context, s *repl.Session, t repl.Target) (err error) {
	defer func() { k.plan.notConnected = err != nil }()
	settings, err := k.settings(s, t)
	if err != nil {
		return err
	}
	before := k.conn
	next, err := k.open(ctx, settings, s.Streams.Getenv, k.asker(s)) // with what \setenv has set
	if err != nil {
		return explained(err)
	}
	before.Close()
	s.Adopt(next)
	return nil
}

// open opens a connection, which is the connector's from then on.
func (k *connector) open(
	ctx context.Context, settings pgclient.Keywords, getenv func(string) string, ask pgclient.Asker,
) (c repl.Connection, err error) {
	if !settings.Elsewhere() {
		if k.db == cluster(noCluster{}) {
			return c, errNoCluster
		}
		local := k.cfg
		local.Password = settings["password"]
		local.User = cmp.Or(settings["user"], k.cfg.User)
		local.Database = cmp.Or(settings["dbname"], getenv("PGDATABASE"), local.User)
		conn, err := k.program.connectWith(ctx, k.db, local, settings.Parameters(), ask)
		if err != nil {
			return c, err
		}
		k.conn, k.remote = conn, nil
		c = connectionOf(conn)
		c.Database, c.User = local.Database, local.User
		return c, nil
	}
	options := k.program.handshake(ask)
	options.Getenv = getenv
	conn, err := pgclient.OpenRemote(ctx, settings, options)
	if err != nil {
		return c, err
	}
	host, port := conn.Config.Host, fmt.Sprint(conn.Config.Port)
	k.conn, k.remote = conn, pgclient.Keywords{"user": conn.Config.User, "host": host, "port": port} // the defaults are kept too
	maps.Copy(k.remote, settings)
	c = connectionOf(conn)
	c.Database, c.User = cmp.Or(conn.Config.Database, conn.Config.User), conn.Config.User
	c.Host, c.Port = host, port
	return c, nil
}

// noCluster stands for the cluster of a session that was opened on another server.
type noCluster struct{}

var errNoCluster = errors.New("this session was opened on another server and has no cluster of its own: name the server")

func (noCluster) Dial(context.Context) (net.Conn, error) { return nil, errNoCluster }

func (noCluster) RunTool(context.Context, engine.Tool) (int, error) { return 0, errNoCluster }

func (noCluster) Close() error { return nil }

// settings returns the parameters of the new connection: those of the target and, unless it says otherwise, of the
// connection before.
func (k *connector) settings(s *repl.Session, t repl.Target) (pgclient.Keywords, error) {
	given := pgclient.Keywords{}
	for name, value := range map[string]string{"dbname": t.Database, "user": t.User, "host": t.Host, "port": t.Port} {
		if value != "" {
			given[name] = value
		}
	}
	if t.String != "" {
		var err error
		if given, err = pgclient.ParseKeywords(t.String); err != nil {
			return nil, err
		}
	}
	if !t.Reuse {
		return given, nil
	}
	before := pgclient.Keywords{"dbname": s.Database, "user": s.User}.Over(k.remote)
	if k.conn.Password != "" {
		before["password"] = k.conn.Password
	}
	settings := given.Over(before)
	if settings["port"] != "" && settings["host"] == "" && settings["hostaddr"] == "" && k.remote == nil {
		return nil, errors.New("a port needs a host: this session is on its own cluster, which has no port")
	}
	return settings, nil
}

// asker returns what asks for a password, nil when nobody is there or to be asked.
func (k *connector) asker(s *repl.Session) pgclient.Asker {
	if k.plan.noPassword || s.Terminal == nil || s.Terminal.ReadLine == nil {
		return k.program.passwordAsker(k.plan)
	}
	return func(_ context.Context, prompt string) (string, error) { return s.Terminal.ReadLine(prompt, true) }
}
