package engine

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"

	"github.com/pglite-toolbox/pglite/engine/internal/refusal"
	"github.com/pglite-toolbox/pglite/engine/internal/relay"
)

// ServeConn hands client to the server as a new session and returns when the session is over; client is closed then.
// The server sees the addresses that client tells when they are TCP addresses, otherwise a Unix-domain client. It reads
// from client only what the session takes, so a slow session holds its client back, and a slow client its session.
//
// The server knows the TLS of a client over TCP that has the methods ConnectionState of a *[tls.Conn] and
// ServerCertificate() *x509.Certificate, or has such a client inside and returns it by a method NetConn: pg_hba.conf's
// hostssl, clientcert and cert, pg_stat_ssl and SCRAM's channel binding see it. The certificate is the one that the
// client has been shown. Without it, as with a plain *tls.Conn, the session looks to the server like one without TLS.
//
// When another process runs the server, clients over TCP are refused, because that process would take them for local
// ones.
//
// A client for whom there is no session, because the server is down or has too much to do, is told so. The error tells
// why there was no session, or why its connection broke; an end by either side is none.
func (db *DB) ServeConn(ctx context.Context, client net.Conn) error {
	own, err := db.server.own()
	if errors.Is(err, errAttached) && !addrPort(client.RemoteAddr()).IsValid() {
		return serveAttached(ctx, db.server, client)
	}
	if err != nil {
		refuse(client, err)
		return fmt.Errorf("serve a connection: %w", err)
	}
	return own.serveConn(ctx, client, nil)
}

// serveAttached relays a client that has not come over TCP to the server of another process.
func serveAttached(ctx context.Context, s server, client net.Conn) error {
	defer client.Close()
	guest, err := s.dial(ctx)
	if err != nil {
		refuse(client, err)
		return err
	}
	defer guest.Close()
	return relay.Between(ctx, client, guest)
}

func (s *ownServer) serveConn(ctx context.Context, client net.Conn, a *relay.Activity) error {
	defer client.Close()
	as := clientFrom(addrPort(client.LocalAddr()), addrPort(client.RemoteAddr()))
	var err error
	if as.Remote != nil { // PostgreSQL has no TLS on Unix-domain sockets
		if as.TLS, err = tlsOf(client); err != nil {
			return err
		}
	}
	guest, err := s.dialAs(ctx, as)
	if err != nil {
		refuse(client, err)
		return err
	}
	defer guest.Close()
	return relay.Run(ctx, client, guest, a)
}

// refuse tells a client why there is no session.
func refuse(client net.Conn, err error) {
	if errors.Is(err, errQueueFull) {
		refusal.Send(client, refusal.TooManyClients)
		return
	}
	refusal.Send(client, refusal.NotAccepting)
}

// addrPort returns a TCP address, the zero value for any other.
func addrPort(a net.Addr) netip.AddrPort {
	if tcp, ok := a.(*net.TCPAddr); ok {
		ap := tcp.AddrPort()
		return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())
	}
	return netip.AddrPort{}
}
