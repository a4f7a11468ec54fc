package server

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
)

// ErrTrusting: the address can be reached from other machines, and pg_hba.conf lets their clients in without any proof.
var ErrTrusting = errors.New("pg_hba.conf trusts clients from other machines")

// trustQuery finds the rules that let TCP clients in without proof from somewhere else than this machine.
const trustQuery = `SELECT count(*) > 0 FROM pg_catalog.pg_hba_file_rules
WHERE type LIKE 'host%' AND auth_method = 'trust' AND error IS NULL
AND NOT coalesce(address ~ '^(127\.|::1$|localhost$|samehost$)', false)`

// strangers are addresses to try when we may not read the rules: one on the Internet and one in each private network.
var strangers = []string{"203.0.113.7", "192.168.0.7", "10.0.0.7", "172.16.0.7", "2001:db8::7", "fd00::7"}

// checkTrust refuses a listener that others can reach when they would be trusted.
func (s *Server) checkTrust(ctx context.Context, db Cluster) error {
	if s.cfg.Insecure {
		return nil
	}
	for _, l := range s.listeners {
		if l.local() {
			continue
		}
		trusting, err := s.trusting(ctx, db)
		if err != nil {
			return fmt.Errorf("see whom pg_hba.conf trusts: %w", err)
		}
		if trusting {
			return fmt.Errorf("TCP address %s: %w: make its rules ask for scram-sha-256, listen on 127.0.0.1, or say --insecure", l.Addr(), ErrTrusting)
		}
	}
	return nil
}

// trusting asks the server, or tries the door when the server does not tell us.
func (s *Server) trusting(ctx context.Context, db Cluster) (bool, error) {
	conn, err := s.connect(ctx, db, netip.AddrPort{}, netip.AddrPort{})
	if isAuthenticationError(err) {
		return s.letsStrangersIn(ctx, db)
	}
	if err != nil {
		return false, err
	}
	defer conn.Close(ctx)
	results, err := conn.Exec(ctx, trustQuery).ReadAll()
	if err != nil {
		return s.letsStrangersIn(ctx, db) // only a superuser may read the rules
	}
	return len(results) == 1 && len(results[0].Rows) == 1 && string(results[0].Rows[0][0]) == "t", nil
}

// letsStrangersIn connects as clients from elsewhere would.
func (s *Server) letsStrangersIn(ctx context.Context, db Cluster) (bool, error) {
	for _, address := range strangers {
		remote := netip.AddrPortFrom(netip.MustParseAddr(address), 54321)
		conn, err := s.connect(ctx, db, netip.AddrPortFrom(remote.Addr(), defaultPort), remote)
		if err == nil {
			_ = conn.Close(ctx)
			return true, nil
		}
		if !isAuthenticationError(err) {
			return false, err
		}
	}
	return false, nil
}
