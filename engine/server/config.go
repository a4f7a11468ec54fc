package server

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net"
	"net/netip"
	"time"
)

// Config tells where to listen. At least one of SocketDir, TCP and Listeners must be set.
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
	// CertFile and KeyFile are PEM files; with them, TCP clients can use TLS 1.2 or newer. Without them they can when
	// the server's parameter ssl is on, with its ssl_cert_file and ssl_key_file. RequireTLS turns away those that use
	// none. With files of the Config the server warns of hostssl rules, which match all the same, unless ssl is on:
	// engine.Config.OwnCertificate lets it be.
	CertFile, KeyFile string
	RequireTLS        bool
	// Insecure allows a TCP address beyond loopback although pg_hba.conf lets clients from there in without any proof.
	Insecure bool
	// MaxClients limits the sessions that clients have asked for, let in by the server or not; 0 means 1000, or what
	// the server's max_connections needs when that is more. Others are refused with SQLSTATE 53300. max_connections
	// itself is the server's to enforce.
	MaxClients int
	// StartupTimeout is how long a client may take to say what it wants, TLS included; 0 means a minute, as
	// authentication_timeout does.
	StartupTimeout time.Duration
	// User and Database are what the self-test connects as; empty means postgres.
	User, Database string
	// Log receives what the door has to say; nil drops it.
	Log *slog.Logger
}

const (
	defaultPort           = 5432
	defaultName           = "postgres"
	defaultStartupTimeout = time.Minute
	// leastClients is the limit that MaxClients 0 stands for; spareClients is what it has at least beyond
	// max_connections: clients that the server itself refuses, or that prove who they are.
	leastClients = 1000
	spareClients = 100
	// drainPatience is how long Close waits for clients to take their sessions' last words.
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

// Cluster is what the door leads to: an *engine.DB.
type Cluster interface {
	// ServeConn runs a session for a client and closes its connection; when there is none to be had, it tells the
	// client so.
	ServeConn(ctx context.Context, client net.Conn) error
	// TLSConfig returns what the server's parameters say about its clients' TLS, nil while ssl is off.
	TLSConfig() *tls.Config
	// DialFrom connects as a client with these addresses, or as a Unix-domain client when they are not valid.
	DialFrom(ctx context.Context, local, remote netip.AddrPort) (net.Conn, error)
}
