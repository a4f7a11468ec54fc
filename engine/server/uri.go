package server

import (
	"net"
	"net/netip"
	"net/url"
	"path/filepath"
	"strconv"
)

// Address is where clients find the server, in the words of libpq.
type Address struct {
	Host string // a host, or the directory of a Unix-domain socket
	Port int
}

// Addresses returns where the server listens, Unix-domain sockets first.
func (s *Server) Addresses() []Address {
	var unix, tcp []Address
	for _, l := range s.listeners {
		if a, ok := l.tcpAddr(); ok {
			tcp = append(tcp, Address{reachable(a.Addr()), int(a.Port())})
			continue
		}
		dir, name := filepath.Split(l.Addr().String())
		port, err := strconv.Atoi(filepath.Ext(name)[min(1, len(filepath.Ext(name))):])
		if err != nil {
			port = s.cfg.Port
		}
		unix = append(unix, Address{filepath.Clean(dir), port})
	}
	return append(unix, tcp...)
}

// reachable turns the address of every interface into one to connect to.
func reachable(a netip.Addr) string {
	if a.IsUnspecified() {
		return "localhost"
	}
	return a.Unmap().String()
}

// IsUnix reports whether the address is that of a Unix-domain socket.
func (a Address) IsUnix() bool { return filepath.IsAbs(a.Host) }

// URI returns the connection URI
// (https://www.postgresql.org/docs/18/libpq-connect.html#LIBPQ-CONNSTRING-URIS).
func (a Address) URI(user, database string) string {
	u := url.URL{Scheme: "postgresql", User: url.User(user), Path: "/" + database}
	if !a.IsUnix() {
		u.Host = net.JoinHostPort(a.Host, strconv.Itoa(a.Port))
		return u.String()
	}
	q := url.Values{"host": {a.Host}}
	if a.Port != defaultPort {
		q.Set("port", strconv.Itoa(a.Port))
	}
	u.RawQuery = q.Encode()
	return u.String()
}
