package cmd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net"

	"github.com/pglite-toolbox/pglite/repl"
)

// connector makes the connections of a session, one after another: to its own cluster, or to another server that \c names.
type connector struct {
	program *program
	db      cluster
	cfg     clusterConfig
	plan    *plan
	conn    *connection
	remote  keywords // how the other server was reached, nil while the session is on its cluster
}

// connect connects the session to a target. When it fails the session is as it was.
func (k *connector) connect(ctx context.Context, s *repl.Session, t repl.Target) (err error) {
	defer func() { k.plan.notConnected = err != nil }()
	settings, err := k.settings(s, t)
	if err != nil {
		return err
	}
	var (
		other  *connection
		remote keywords
		local  = k.cfg
	)
	if settings.elsewhere() {
		remote = keywords{}
		other, err = k.program.connectRemote(ctx, settings, k.asker(s))
	} else {
		local.Password = settings["password"]
		local.User = cmp.Or(settings["user"], k.cfg.User)
		local.Database = cmp.Or(settings["dbname"], k.program.streams.getenv("PGDATABASE"), local.User)
		other, err = connectAsking(ctx, k.db, local, k.program.showNotice, k.asker(s))
	}
	if err != nil {
		return explained(err)
	}
	if remote != nil { // what the defaults were is kept too
		remote = keywords{"user": other.Config.User, "host": other.Config.Host, "port": fmt.Sprint(other.Config.Port)}
		maps.Copy(remote, settings)
	}
	k.conn.close()
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
func (k *connector) settings(s *repl.Session, t repl.Target) (keywords, error) {
	given := keywords{}
	for name, value := range map[string]string{"dbname": t.Database, "user": t.User, "host": t.Host, "port": t.Port} {
		if value != "" {
			given[name] = value
		}
	}
	if t.String != "" {
		var err error
		if given, err = parseKeywords(t.String); err != nil {
			return nil, err
		}
	}
	if !t.Reuse {
		return given, nil
	}
	before := keywords{"dbname": s.Database, "user": s.User}.over(k.remote)
	if k.conn.password != "" {
		before["password"] = k.conn.password
	}
	settings := given.over(before)
	if settings["port"] != "" && settings["host"] == "" && settings["hostaddr"] == "" && k.remote == nil {
		return nil, errors.New("a port needs a host: this session is on its own cluster, which has no port")
	}
	return settings, nil
}

// asker returns what asks for a password, nil when nobody is there or to be asked.
func (k *connector) asker(s *repl.Session) passwordAsker {
	if k.plan.noPassword || s.Terminal == nil || s.Terminal.ReadLine == nil {
		return k.program.passwordAsker(k.plan)
	}
	return func(_ context.Context, prompt string) (string, error) { return s.Terminal.ReadLine(prompt, true) }
}

// connectRemote connects to a server that is not ours.
func (p *program) connectRemote(ctx context.Context, settings keywords, ask passwordAsker) (*connection, error) {
	config, err := remoteConfig(settings)
	if err != nil {
		return nil, err
	}
	conn, err := openSession(ctx, config, p.showNotice, ask)
	if err != nil {
		return nil, err
	}
	conn.cluster, conn.password = remoteServer{address: conn.Conn.RemoteAddr()}, cmp.Or(conn.password, settings["password"])
	return conn, nil
}

// remoteServer is a server that is not ours, to which a request to cancel is sent.
type remoteServer struct {
	cluster
	address net.Addr
}

// Dial implements cluster.
func (r remoteServer) Dial(ctx context.Context) (net.Conn, error) {
	return new(net.Dialer).DialContext(ctx, r.address.Network(), r.address.String())
}
