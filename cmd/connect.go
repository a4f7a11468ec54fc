package cmd

import (
	"context"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"
)

// connection is a connection past the handshake and all that belongs to it.
type connection struct {
	*pgconn.HijackedConn
	cluster cluster
}

// connect opens a session. Every authentication method that pgconn knows works, with the password from PGPASSWORD or
// the password file. Notices of the handshake are passed to notice.
func connect(ctx context.Context, db cluster, cfg clusterConfig, notice func(*pgconn.Notice)) (*connection, error) {
	config, err := pgconn.ParseConfig("host=/ port=5432 sslmode=disable target_session_attrs=any connect_timeout=0")
	if err != nil {
		return nil, fmt.Errorf("read the connection settings from the environment: %w", err)
	}
	config.User, config.Database = cfg.User, cfg.Database
	config.RuntimeParams["application_name"] = applicationName()
	config.RuntimeParams["client_encoding"] = "UTF8"
	config.DialFunc = func(ctx context.Context, _, _ string) (net.Conn, error) { return db.Dial(ctx) }
	config.OnNotice = func(_ *pgconn.PgConn, n *pgconn.Notice) { notice(n) }
	config.Fallbacks = nil
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
	return &connection{hijacked, db}, nil
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
