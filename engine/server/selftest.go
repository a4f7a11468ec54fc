package server

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/pglite-toolbox/pglite/internal/pgclient"
)

// selfTest runs a query. Where the server does not take the password that we have, or have not, its refusal shows that
// it works.
func (s *Server) selfTest(ctx context.Context, db Cluster) error {
	conn, err := s.connect(ctx, db)
	if isAuthenticationError(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("self-test: %w", err)
	}
	defer conn.Close(ctx)
	results, err := conn.Exec(ctx, "SELECT 1; SHOW max_connections").ReadAll()
	if err != nil {
		return fmt.Errorf("self-test: %w", err)
	}
	if len(results) != 2 || value(results[0]) != "1" {
		return errors.New("self-test: SELECT 1 gave something else than 1")
	}
	if most, err := strconv.Atoi(value(results[1])); err == nil && s.cfg.MaxClients == 0 {
		s.admission.limit(max(leastClients, most+spareClients))
	}
	return nil
}

// value is the only value of a result; it is empty where there is not exactly one.
func value(r *pgconn.Result) string {
	if len(r.Rows) != 1 || len(r.Rows[0]) != 1 {
		return ""
	}
	return string(r.Rows[0][0])
}

// connect opens a session for ourselves, as a Unix-domain client. A password comes from PGPASSWORD.
func (s *Server) connect(ctx context.Context, db Cluster) (*pgconn.PgConn, error) {
	dial := func(ctx context.Context) (net.Conn, error) {
		return db.DialFrom(ctx, netip.AddrPort{}, netip.AddrPort{})
	}
	config := pgclient.Own(dial, pgclient.Login{User: s.cfg.User, Database: s.cfg.Database})
	config.RuntimeParams["application_name"] = "pglite"
	return pgconn.ConnectConfig(ctx, config)
}

// isAuthenticationError reports whether the server has refused the authentication, for want of a password too (class 28
// of https://www.postgresql.org/docs/18/errcodes-appendix.html).
func isAuthenticationError(err error) bool {
	var server *pgconn.PgError
	return errors.As(err, &server) && len(server.Code) == 5 && server.Code[:2] == "28"
}
