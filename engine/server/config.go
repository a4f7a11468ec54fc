package server

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net"
	"net/netip"
	"time"
)

// Config says where to listen. At least one of SocketDir, TCP and Listeners must be set.
type Config struct {
	// SocketDir is the directory of the Unix-domain socket .s.PGSQL.<Port>; empty means none.
	SocketDir string
	// Port is the number in the Unix-domain socket's name; 0 means the TCP address's port, as clients have one port for
	// both, or 5432.
	Port int
	// TCP is [HOST:]PORT; empty means none. Without HOST it is 127.0.0.1; HOST * is every address; port 0 picks a free
	// one.
	TCP string
	// Listeners are sockets that are open already, as by socket activation. Their files are not removed.
	Listeners []net.Listener
	// CertFile and KeyFile are PEM files. With them TCP clients can use TLS 1.2 or newer. Without them they can if the
	// server's parameter ssl is on, with its ssl_cert_file and ssl_key_file. RequireTLS refuses TCP clients without
	// TLS. While ssl is off, the server warns of hostssl rules, though they match; with engine.Config.OwnCertificate it
	// can be on.
	CertFile, KeyFile string
	RequireTLS        bool
	// Insecure allows a TCP address beyond loopback even if pg_hba.conf trusts clients from there.
	Insecure bool
	// MaxClients limits the clients that have sent a startup packet; more are refused with SQLSTATE 53300. 0 means
	// 1000, or max_connections and a hundred if that is more. The server itself enforces max_connections.
	MaxClients int
	// StartupTimeout limits the time until a client has sent its startup packet, TLS handshake included. 0 means a
	// minute, the default of authentication_timeout.
	StartupTimeout time.Duration
	// User and Database are those of the self-test; empty means postgres.
	User, Database string
	// Log receives the messages of this package; nil drops them.
	Log *slog.Logger
}

const (
	defaultPort           = 5432
	defaultName           = "postgres"
	defaultStartupTimeout = time.Minute
	// leastClients is the limit if MaxClients is 0. It is at least spareClients more than max_connections, for clients
	// that are authenticating or that the server refuses.
	leastClients = 1000
	spareClients = 100
	// drainPatience is how long Close waits until clients have read the last messages of their sessions.
	drainPatience = 2 * time.Second
)

func (c Config) withDefaults() Config {
	if c.StartupTimeout == 0 {
		c.StartupTimeout = defaultStartupTimeout
	}
	if c.User == "" {
		c.User = defaultName
	}
	if c.Database == "" {
		c.Database = defaultName
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return c
}

// Cluster is the server that clients connect to: an *engine.DB.
type Cluster interface {
	// ServeConn runs a session for a client and closes its connection. Without a session it sends the client an error.
	ServeConn(ctx context.Context, client net.Conn) error
	// TLSConfig returns the TLS configuration of the server's parameters, nil while ssl is off.
	TLSConfig() *tls.Config
	// DialFrom connects as a client with these addresses, or as a Unix-domain client when they are not valid.
	DialFrom(ctx context.Context, local, remote netip.AddrPort) (net.Conn, error)
}
