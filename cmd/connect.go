package cmd

import (
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"os"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"
)

// connection is a connection past the handshake and all that belongs to it.
type connection struct {
	*pgconn.HijackedConn
	cluster      cluster
	passwordUsed bool   // the server asked for a password
	password     string // that was given or typed, not that of the environment, which may be another for the next connection
}

// connect opens a session. Every authentication method that pgconn knows works, with the password from PGPASSWORD or
// the password file. Notices of the handshake are passed to notice.
func connect(ctx context.Context, db cluster, cfg clusterConfig, notice func(*pgconn.Notice)) (*connection, error) {
	return connectAsking(ctx, db, cfg, notice, nil)
}

// connectAsking is connect that asks for the password when the server wants one and there is none; nil asks nobody.
func connectAsking(ctx context.Context, db cluster, cfg clusterConfig, notice func(*pgconn.Notice), ask passwordAsker) (*connection, error) {
	config, err := pgconn.ParseConfig("host=/ port=5432 sslmode=disable target_session_attrs=any connect_timeout=0")
	if err != nil {
		return nil, fmt.Errorf("read the connection settings from the environment: %w", err)
	}
	config.User, config.Database, config.Password = cfg.User, cfg.Database, cmp.Or(cfg.Password, config.Password)
	config.DialFunc = func(ctx context.Context, _, _ string) (net.Conn, error) { return db.Dial(ctx) }
	config.Fallbacks = nil
	conn, err := openSession(ctx, config, notice, ask)
	if err != nil {
		return nil, err
	}
	conn.cluster, conn.password = db, cmp.Or(conn.password, cfg.Password)
	return conn, nil
}

// sessionVariables are the environment variables that say what a session begins with, as in libpq
// (https://www.postgresql.org/docs/18/libpq-envars.html).
var sessionVariables = map[string]string{"PGTZ": "timezone", "PGDATESTYLE": "datestyle", "PGGEQO": "geqo"}

// openSession does the handshake and takes the connection over.
func openSession(ctx context.Context, config *pgconn.Config, notice func(*pgconn.Notice), ask passwordAsker) (*connection, error) {
	for variable, parameter := range sessionVariables {
		if value := os.Getenv(variable); value != "" {
			config.RuntimeParams[parameter] = value
		}
	}
	config.RuntimeParams["application_name"] = applicationName()
	config.RuntimeParams["client_encoding"] = "UTF8"
	config.OnNotice = func(_ *pgconn.PgConn, n *pgconn.Notice) { notice(n) }
	wanted, typed := false, ""
	config.BuildFrontend = func(r io.Reader, w io.Writer) *pgproto3.Frontend {
		return pgproto3.NewFrontend(&authenticationWatch{Reader: r, password: &wanted}, w)
	}
	conn, err := pgconn.ConnectConfig(ctx, config)
	if err != nil && wanted && config.Password == "" && ask != nil {
		if typed, err = ask(ctx, fmt.Sprintf("Password for user %s: ", config.User)); err != nil {
			return nil, err
		}
		config.Password = typed
		conn, err = pgconn.ConnectConfig(ctx, config)
	}
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
	return &connection{HijackedConn: hijacked, passwordUsed: wanted, password: typed}, nil
}

// authenticationWatch notes whether the server's first message wants a password
// (https://www.postgresql.org/docs/18/protocol-message-formats.html).
type authenticationWatch struct {
	io.Reader
	password *bool
	first    []byte
}

func (a *authenticationWatch) Read(b []byte) (int, error) {
	n, err := a.Reader.Read(b)
	const header = 9 // 'R', the length and what is wanted
	if missing := header - len(a.first); missing > 0 {
		a.first = append(a.first, b[:min(n, missing)]...)
		if len(a.first) == header && a.first[0] == 'R' {
			switch binary.BigEndian.Uint32(a.first[5:]) {
			case pgproto3.AuthTypeCleartextPassword, pgproto3.AuthTypeMD5Password, pgproto3.AuthTypeSASL:
				*a.password = true
			}
		}
	}
	return n, err
}

// cancel asks the server to cancel the running statement
// (https://www.postgresql.org/docs/18/protocol-flow.html#PROTOCOL-FLOW-CANCELING-REQUESTS).
func (c *connection) cancel(ctx context.Context) error {
	conn, err := c.cluster.Dial(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	if deadline, ok := ctx.Deadline(); ok {
		_ = conn.SetDeadline(deadline)
	}
	request, err := (&pgproto3.CancelRequest{ProcessID: c.PID, SecretKey: c.SecretKey}).Encode(nil)
	if err != nil {
		return err
	}
	if _, err := conn.Write(request); err != nil {
		return err
	}
	_, _ = io.Copy(io.Discard, conn) // the server closes when it has passed the request on
	return nil
}

// close says goodbye to the server.
func (c *connection) close() {
	// Not through Frontend: a goroutine may still be sending data of a COPY that was given up.
	if goodbye, err := (&pgproto3.Terminate{}).Encode(nil); err == nil {
		_ = c.Conn.SetWriteDeadline(time.Now().Add(time.Second))
		_, _ = c.Conn.Write(goodbye)
	}
	_ = c.Conn.Close()
}
