package cmd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/pglite-toolbox/pglite/repl"
)

// connector makes the connections of a session, one after another: to its own cluster, or to another server that \c names.
type connector struct {
	program *program
	db      cluster
	cfg     clusterConfig
	plan    *plan
	conn    *connection
	remote  *pgconn.Config // how the other server was reached, nil while the session is on its cluster
}

// connect connects the session to a target. When it fails the session is as it was.
func (k *connector) connect(ctx context.Context, s *repl.Session, t repl.Target) error {
	remote, err := k.config(s, t)
	if err != nil {
		return err
	}
	local := k.cfg
	local.Database, local.User = cmp.Or(t.Database, s.Database), cmp.Or(t.User, s.User)
	if t.String != "" {
		if config, err := pgconn.ParseConfig(t.String); err == nil {
			local.User = k.cfg.User
			if named(t.String, "user") {
				local.User = config.User
			}
			local.Database = cmp.Or(config.Database, local.User)
		}
	}
	var other *connection
	if remote != nil {
		local.Database, local.User = cmp.Or(remote.Database, remote.User), remote.User
		other, err = k.program.connectRemote(ctx, remote)
	} else {
		other, err = connect(ctx, k.db, local, k.program.showNotice)
	}
	if err != nil {
		return explained(err)
	}
	k.conn.close()
	k.conn, k.remote = other, remote
	next := k.program.session(other, k.plan)
	next.Database, next.User, next.PID = local.Database, local.User, other.PID
	if remote != nil {
		next.Host, next.Port = remote.Host, fmt.Sprint(remote.Port)
	}
	s.Adopt(next)
	return nil
}

// config returns how to reach another server, nil when the target is on the session's own cluster.
func (k *connector) config(s *repl.Session, t repl.Target) (*pgconn.Config, error) {
	switch {
	case t.String != "":
		config, err := pgconn.ParseConfig(t.String)
		if err != nil {
			return nil, err
		}
		if named(t.String, "host") || named(t.String, "hostaddr") || named(t.String, "port") || named(t.String, "service") {
			return config, nil
		}
		return nil, nil
	case t.Host == "" && k.remote == nil:
		if t.Port != "" {
			return nil, errors.New("a port needs a host: this session is on its own cluster, which has no port")
		}
		return nil, nil
	}
	settings := map[string]string{"dbname": cmp.Or(t.Database, s.Database), "user": cmp.Or(t.User, s.User), "host": cmp.Or(t.Host, s.Host), "port": cmp.Or(t.Port, s.Port)}
	var text strings.Builder
	for name, value := range settings {
		if value != "" {
			fmt.Fprintf(&text, "%s='%s' ", name, strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(value))
		}
	}
	config, err := pgconn.ParseConfig(text.String())
	if err == nil && k.remote != nil && config.Host == k.remote.Host && config.Port == k.remote.Port && config.User == k.remote.User {
		config.Password, config.TLSConfig = k.remote.Password, k.remote.TLSConfig
	}
	return config, err
}

// named reports whether a connection string names a parameter.
func named(connection, parameter string) bool {
	if !strings.Contains(connection, "://") {
		return regexp.MustCompile(`(^|\s)` + parameter + `\s*=`).MatchString(connection)
	}
	u, err := url.Parse(connection)
	if err != nil {
		return true
	}
	switch parameter {
	case "host":
		return u.Host != "" || u.Query().Has("host")
	case "user":
		return u.User.Username() != "" || u.Query().Has("user")
	}
	return u.Query().Has(parameter)
}

// connectRemote connects to a server that is not ours.
func (p *program) connectRemote(ctx context.Context, config *pgconn.Config) (*connection, error) {
	config.RuntimeParams["application_name"] = applicationName()
	config.RuntimeParams["client_encoding"] = "UTF8"
	config.OnNotice = func(_ *pgconn.PgConn, n *pgconn.Notice) { p.showNotice(n) }
	conn, err := pgconn.ConnectConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	if err := conn.SyncConn(ctx); err != nil {
		return nil, fmt.Errorf("take over the connection: %w", err)
	}
	hijacked, err := conn.Hijack()
	if err != nil {
		return nil, fmt.Errorf("take over the connection: %w", err)
	}
	return &connection{hijacked, remoteServer{address: hijacked.Conn.RemoteAddr()}}, nil
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
