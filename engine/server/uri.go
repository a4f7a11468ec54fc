package server

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
)

// Address is where clients find the server, in libpq's terms.
type Address struct {
	Host string // a host, or the directory of a Unix-domain socket
	Port int
	TLS  bool // clients can use TLS
}

// Addresses returns where the server listens, Unix-domain sockets first.
func (s *Server) Addresses() []Address {
	var unix, tcp []Address
	offered := s.tlsConfig() != nil
	for _, l := range s.listeners {
		if a, ok := l.tcpAddr(); ok {
			tcp = append(tcp, Address{l.reachable(a.Addr()), int(a.Port()), offered})
			continue
		}
		if dir, port, ok := splitSocket(l.Addr().String()); ok {
			unix = append(unix, Address{Host: dir, Port: port})
		}
	}
	return append(unix, tcp...)
}

// reachable turns an unspecified address into one to connect to, at which only this listener can be.
func (l *listener) reachable(a netip.Addr) string {
	switch {
	case a == netip.IPv4Unspecified():
		return "127.0.0.1"
	case a == netip.IPv6Unspecified() && l.network == everyFamily:
		return "localhost"
	case a == netip.IPv6Unspecified():
		return "::1"
	}
	return a.Unmap().String()
}

// splitSocket returns the directory and the port by which clients name a socket, false if they cannot name it.
func splitSocket(path string) (dir string, port int, ok bool) {
	dir, name := filepath.Split(path)
	number, ok := strings.CutPrefix(name, socketPrefix)
	port, err := strconv.Atoi(number)
	return filepath.Clean(dir), port, ok && err == nil && dir != ""
}

// checkName refuses a socket that clients cannot name.
func checkName(l net.Listener) error {
	a, ok := l.Addr().(*net.UnixAddr)
	if !ok {
		return nil
	}
	if _, _, ok := splitSocket(a.Name); !ok {
		return fmt.Errorf("socket activation: clients look for a socket of the name %s%d, not for %q: name it so "+
			"where it is made", socketPrefix, defaultPort, a.Name)
	}
	return nil
}

// IsUnix reports whether the address is that of a Unix-domain socket.
func (a Address) IsUnix() bool { return filepath.IsAbs(a.Host) || strings.HasPrefix(a.Host, "@") }

// URI returns the connection URI (https://www.postgresql.org/docs/18/libpq-connect.html#LIBPQ-CONNSTRING-URIS). The
// user of a Unix-domain socket comes as a parameter: there is no host, and many parsers, as WHATWG has them, know no
// user without one. Without TLS the URI says so: some clients insist on it otherwise.
func (a Address) URI(user, database string) string {
	u := url.URL{Scheme: "postgresql", Path: "/" + database}
	if !a.IsUnix() {
		u.User, u.Host = url.User(user), net.JoinHostPort(a.Host, strconv.Itoa(a.Port))
		if !a.TLS {
			u.RawQuery = "sslmode=disable"
		}
		return u.String()
	}
	q := url.Values{"host": {a.Host}, "user": {user}}
	if a.Port != defaultPort {
		q.Set("port", strconv.Itoa(a.Port))
	}
	u.RawQuery = strings.ReplaceAll(q.Encode(), "+", "%20") // libpq takes + for itself
	return u.String()
}
