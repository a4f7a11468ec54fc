package server

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// Why a listener that others can reach is refused, unless Config.Insecure is set.
var (
	// ErrTrusting means that pg_hba.conf lets them in without any proof.
	ErrTrusting = errors.New("pg_hba.conf trusts them")
	// ErrTrustUnknown means that the rules of pg_hba.conf cannot be read.
	ErrTrustUnknown = errors.New("whom pg_hba.conf trusts cannot be seen")
)

// trustQuery reads the rules that let clients in without proof.
const trustQuery = `SELECT type, coalesce(address, ''), coalesce(netmask, '') FROM pg_catalog.pg_hba_file_rules
WHERE auth_method = 'trust' AND error IS NULL`

// trustRule is a line of pg_hba.conf that trusts.
type trustRule struct{ kind, address, netmask string }

// loopback are the networks of this machine alone.
var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}

// remote reports whether the rule matches TCP clients of other machines.
func (r trustRule) remote() bool {
	if r.kind == "local" {
		return false
	}
	if r.address == "samehost" || r.address == "localhost" {
		return false
	}
	address, err := netip.ParseAddr(r.address)
	mask, e := netip.ParseAddr(r.netmask)
	if err != nil || e != nil {
		return true // all, samenet, a name
	}
	for _, own := range loopback {
		if own.Contains(address) && coversPrefix(mask, own.Bits()) {
			return false
		}
	}
	return true
}

// coversPrefix reports whether a netmask begins with so many ones.
func coversPrefix(mask netip.Addr, ones int) bool {
	prefix, err := mask.Prefix(ones)
	return err == nil && prefix.Addr() == allOnes(mask.BitLen(), ones)
}

// allOnes is a netmask of so many ones.
func allOnes(bits, ones int) netip.Addr {
	b := make([]byte, bits/8)
	for i := range ones {
		b[i/8] |= 0x80 >> (i % 8)
	}
	a, _ := netip.AddrFromSlice(b)
	return a
}

// checkTrust refuses a listener that others can reach and whose clients pg_hba.conf trusts.
func (s *Server) checkTrust(ctx context.Context, db Cluster) error {
	if s.cfg.Insecure {
		return nil
	}
	var rules []trustRule
	for _, l := range s.listeners {
		open := l.openTo()
		if open == nobody {
			continue
		}
		if rules == nil {
			var err error
			if rules, err = s.trustRules(ctx, db); err != nil {
				return fmt.Errorf("%s: %w: %w; let user %q read pg_hba_file_rules (PGPASSWORD is its password), or do "+
					"without this address",
					l.describe(), ErrTrustUnknown, err, s.cfg.User)
			}
		}
		for _, r := range rules {
			switch {
			case open == machines && r.remote():
				return fmt.Errorf("%s can be reached from other machines, and %w: make its rules ask for "+
					"scram-sha-256, or listen on 127.0.0.1", l.describe(), ErrTrusting)
			case open == users && r.kind == "local":
				return fmt.Errorf("%s can be used by every user of this machine, and %w: set SocketMode=0600 where "+
					"the socket is made, or make its rules ask for scram-sha-256", l.describe(), ErrTrusting)
			}
		}
	}
	return nil
}

// trustRules asks the server for the rules that trust. The result is never nil.
func (s *Server) trustRules(ctx context.Context, db Cluster) ([]trustRule, error) {
	conn, err := s.connect(ctx, db)
	if err != nil {
		return nil, err
	}
	defer conn.Close(ctx)
	results, err := conn.Exec(ctx, trustQuery).ReadAll()
	if err != nil {
		return nil, err
	}
	rules := []trustRule{}
	for _, row := range results[0].Rows {
		rules = append(rules, trustRule{string(row[0]), string(row[1]), string(row[2])})
	}
	return rules, nil
}

// strangers says who can reach a listener beside its user.
type strangers int

const (
	nobody   strangers = iota
	users              // others of this machine
	machines           // others
)

// openTo returns who can reach the socket. A group that its mode admits is meant to.
func (l *listener) openTo() strangers {
	a, tcp := l.tcpAddr()
	switch {
	case tcp && !a.Addr().Unmap().IsLoopback():
		return machines
	case !tcp && l.activated && runtime.GOOS != "windows" && usable(l.Addr().String()):
		return users
	}
	return nobody
}

// usable reports whether everybody may connect to the Unix-domain socket at path: write it, and reach it through its
// directories.
func usable(path string) bool {
	if strings.HasPrefix(path, "@") { // Linux's abstract names have no mode
		return true
	}
	const write, search fs.FileMode = 0o002, 0o001
	info, err := os.Stat(path)
	if err != nil || info.Mode()&write == 0 {
		return false
	}
	for dir := filepath.Dir(path); ; dir = filepath.Dir(dir) {
		if info, err := os.Stat(dir); err != nil || info.Mode()&search == 0 {
			return false
		}
		if dir == filepath.Dir(dir) {
			return true
		}
	}
}

// describe names the socket in a message.
func (l *listener) describe() string {
	if _, tcp := l.tcpAddr(); tcp {
		return "TCP address " + l.Addr().String()
	}
	return fmt.Sprintf("socket %q", l.Addr().String())
}
