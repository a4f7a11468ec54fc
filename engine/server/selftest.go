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

// selfTest runs a query. If the server refuses our password, or wants one that we do not have, it works, too.
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

// value returns the only value of a result, "" if there is not exactly one.
func value(r *pgconn.Result) string {
	if len(r.Rows) != 1 || len(r.Rows[0]) != 1 {
		return ""
	}
	return string(r.Rows[0][0])
}

// connect opens a session of our own, as a Unix-domain client. The password is that of PGPASSWORD.
func (s *Server) connect(ctx context.Context, db Cluster) (*pgconn.PgConn, error) {
	dial := func(ctx context.Context) (net.Conn, error) {
		return db.DialFrom(ctx, netip.AddrPort{}, netip.AddrPort{})
	}
	config := pgclient.Own(dial, pgclient.Login{User: s.cfg.User, Database: s.cfg.Database})
	config.RuntimeParams["application_name"] = "pglite"
	return pgconn.ConnectConfig(ctx, config)
}

// isAuthenticationError reports whether the server has refused the authentication, also because there is no password
// (class 28 of https://www.postgresql.org/docs/18/errcodes-appendix.html).
func isAuthenticationError(err error) bool {
	var server *pgconn.PgError
	return errors.As(err, &server) && len(server.Code) == 5 && server.Code[:2] == "28"
}
