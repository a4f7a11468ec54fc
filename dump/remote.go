package dump

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/internal/pgclient"
)

// Remote is a PostgreSQL server elsewhere.
type Remote struct {
	runtime engine.Config
	config  *pgconn.Config
	hosts   []*pgconn.FallbackConfig
}

// NewRemote reads a connection URI or string (https://www.postgresql.org/docs/18/libpq-connect.html#LIBPQ-CONNSTRING);
// the environment's PG* variables and the password file fill in what it does not say. cfg says where the runtime is. It
// does not connect.
func NewRemote(cfg engine.Config, uri string) (*Remote, error) {
	config, err := pgclient.ParseRemote(uri)
	if err != nil {
		return nil, err
	}
	hosts := append([]*pgconn.FallbackConfig{{Host: config.Host, Port: config.Port, TLSConfig: config.TLSConfig}},
		config.Fallbacks...)
	return &Remote{cfg, config, hosts}, nil
}

// Env returns the environment variables by which a program finds the database that the URI names.
func (r *Remote) Env() []string {
	env := []string{"PGUSER=" + r.config.User, "PGDATABASE=" + r.config.Database}
	if r.config.Password != "" {
		env = append(env, "PGPASSWORD="+r.config.Password)
	}
	return env
}

// RunTool implements Runner.
func (r *Remote) RunTool(ctx context.Context, t engine.Tool) (exitCode int, err error) {
	conn, err := r.dial(ctx) // so that the user reads the operating system's words for what is wrong
	if err != nil {
		return 0, err
	}
	_ = conn.Close()
	t.Dial = r.dial
	return engine.RunTool(ctx, r.runtime, t)
}

// dial connects to the first host that answers.
func (r *Remote) dial(ctx context.Context) (net.Conn, error) {
	var failed []error
	for _, h := range r.hosts {
		network, address := pgconn.NetworkAddress(h.Host, h.Port)
		conn, err := r.config.DialFunc(ctx, network, address)
		if err == nil && h.TLSConfig != nil && network != "unix" {
			conn, err = startTLS(ctx, conn, h.TLSConfig)
		}
		if err == nil {
			return conn, nil
		}
		err = fmt.Errorf("connect to %s: %w", net.JoinHostPort(h.Host, strconv.Itoa(int(h.Port))), reason(err))
		if n := len(failed); n == 0 || failed[n-1].Error() != err.Error() { // with TLS and without it, say
			failed = append(failed, err)
		}
	}
	return nil, errors.Join(failed...)
}

// reason returns what is wrong without the address, which is told already.
func reason(err error) error {
	if op := (*net.OpError)(nil); errors.As(err, &op) {
		err = op.Err
	}
	if call := (*os.SyscallError)(nil); errors.As(err, &call) {
		err = call.Err
	}
	return err
}

// startTLS asks for TLS (https://www.postgresql.org/docs/18/protocol-flow.html#PROTOCOL-FLOW-SSL).
func startTLS(ctx context.Context, conn net.Conn, config *tls.Config) (net.Conn, error) {
	var answer [1]byte
	request, err := (&pgproto3.SSLRequest{}).Encode(nil)
	if err == nil {
		_, err = conn.Write(request)
	}
	if err == nil {
		_, err = io.ReadFull(conn, answer[:])
	}
	if err == nil && answer[0] != 'S' {
		err = errors.New("the server has no TLS")
	}
	if err == nil {
		secure := tls.Client(conn, config)
		if err = secure.HandshakeContext(ctx); err == nil {
			return secure, nil
		}
	}
	_ = conn.Close()
	return nil, err
}
