package server

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"

	"github.com/jackc/pgx/v5/pgconn"
)

// selfTest runs a query. Where the server wants a password that we do not have, its refusal shows that it works.
func (s *Server) selfTest(ctx context.Context, db Cluster) error {
	conn, err := s.connect(ctx, db, netip.AddrPort{}, netip.AddrPort{})
	if isAuthenticationError(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("self-test: %w", err)
	}
	defer conn.Close(ctx)
	results, err := conn.Exec(ctx, "SELECT 1").ReadAll()
	if err != nil {
		return fmt.Errorf("self-test: %w", err)
	}
	if len(results) != 1 || len(results[0].Rows) != 1 || string(results[0].Rows[0][0]) != "1" {
		return errors.New("self-test: SELECT 1 gave something else than 1")
	}
	return nil
}

// connect opens a session for ourselves, as a client with these addresses. A password comes from PGPASSWORD or the password file.
func (s *Server) connect(ctx context.Context, db Cluster, local, remote netip.AddrPort) (*pgconn.PgConn, error) {
	config, err := pgconn.ParseConfig("host=/ port=5432 sslmode=disable target_session_attrs=any connect_timeout=0")
	if err != nil {
		return nil, err
	}
	config.User, config.Database, config.Fallbacks = s.cfg.User, s.cfg.Database, nil
	config.RuntimeParams = map[string]string{"application_name": "pglite"}
	config.DialFunc = func(ctx context.Context, _, _ string) (net.Conn, error) { return db.DialFrom(ctx, local, remote) }
	return pgconn.ConnectConfig(ctx, config)
}

// isAuthenticationError reports whether the server, or our side for want of a password, did not complete the authentication
// (class 28 of https://www.postgresql.org/docs/18/errcodes-appendix.html).
func isAuthenticationError(err error) bool {
	var server *pgconn.PgError
	return errors.As(err, &server) && len(server.Code) == 5 && server.Code[:2] == "28"
}
