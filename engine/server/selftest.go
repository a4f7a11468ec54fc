package server

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// selfTest runs a query. Where the server does not take the password that we have, or have not, its refusal shows that it works.
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
		s.crowd.limit(max(leastClients, most+spareClients))
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

// ownSettings are all that pgx would else take from the environment, where it is meant for a client of some other server.
const ownSettings = "host=/ port=5432 sslmode=disable sslnegotiation=postgres sslcertmode=disable channel_binding=disable require_auth='' " +
	"min_protocol_version=3.0 max_protocol_version=3.0 target_session_attrs=any connect_timeout=0"

// connect opens a session for ourselves, as a Unix-domain client. A password comes from PGPASSWORD or the password file.
func (s *Server) connect(ctx context.Context, db Cluster) (*pgconn.PgConn, error) {
	config, err := ownConfig()
	if err != nil {
		return nil, err
	}
	config.User, config.Database, config.Fallbacks = s.cfg.User, s.cfg.Database, nil
	config.RuntimeParams = map[string]string{"application_name": "pglite"}
	config.DialFunc = func(ctx context.Context, _, _ string) (net.Conn, error) {
		return db.DialFrom(ctx, netip.AddrPort{}, netip.AddrPort{})
	}
	return pgconn.ConnectConfig(ctx, config)
}

// ownConfig parses ownSettings. pgx cannot be told to leave PGSERVICE alone: it gets an empty service of ours in place of that.
func ownConfig() (*pgconn.Config, error) {
	if os.Getenv("PGSERVICE") == "" {
		return pgconn.ParseConfig(ownSettings)
	}
	dir, err := os.MkdirTemp("", "pglite-service-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	name := filepath.Join(dir, "service")
	if err := os.WriteFile(name, []byte("[none]\n"), 0o600); err != nil {
		return nil, err
	}
	quoted := strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(name)
	return pgconn.ParseConfig(ownSettings + " service=none servicefile='" + quoted + "'")
}

// isAuthenticationError reports whether the server has refused the authentication, for want of a password too (class 28 of
// https://www.postgresql.org/docs/18/errcodes-appendix.html).
func isAuthenticationError(err error) bool {
	var server *pgconn.PgError
	return errors.As(err, &server) && len(server.Code) == 5 && server.Code[:2] == "28"
}
