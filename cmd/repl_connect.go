package cmd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"

	"github.com/pglite-toolbox/pglite/internal/pgclient"
	"github.com/pglite-toolbox/pglite/repl"
)

// connector makes the connections of a session, one after another: to its own cluster, or to another server that \c names.
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
	var (
		other  *pgclient.Session
		remote pgclient.Keywords
		local  = k.cfg
	)
	if settings.Elsewhere() {
		remote = pgclient.Keywords{}
		options := k.program.handshake(k.asker(s))
		options.Getenv = s.Streams.Getenv // with what \setenv has set
		other, err = pgclient.OpenRemote(ctx, settings, options)
	} else {
		local.Password = settings["password"]
		local.User = cmp.Or(settings["user"], k.cfg.User)
		local.Database = cmp.Or(settings["dbname"], s.Streams.Getenv("PGDATABASE"), local.User)
		other, err = k.program.connectWith(ctx, k.db, local, settings.Parameters(), k.asker(s))
	}
	if err != nil {
		return explained(err)
	}
	if remote != nil { // what the defaults were is kept too
		remote = pgclient.Keywords{"user": other.Config.User, "host": other.Config.Host, "port": fmt.Sprint(other.Config.Port)}
		maps.Copy(remote, settings)
	}
	k.conn.Close()
	k.conn, k.remote = other, remote
	next := k.program.session(other, k.plan)
	next.Database, next.User = local.Database, local.User
	if remote != nil {
		next.Database, next.User = cmp.Or(other.Config.Database, other.Config.User), other.Config.User
		next.Host, next.Port = other.Config.Host, fmt.Sprint(other.Config.Port)
	}
	s.Adopt(next)
	return nil
}

// settings returns the parameters of the new connection: those of the target and, unless it says otherwise, of the connection before.
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
