package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"time"

	"github.com/pglite-toolbox/pglite/engine/internal/errno"
	"github.com/pglite-toolbox/pglite/engine/internal/kernel"
	"github.com/pglite-toolbox/pglite/engine/internal/refusal"
)

// ServeConn hands client to the server as a new session and returns when the session is over; client is closed then. The server
// sees the addresses that client tells when they are TCP addresses, otherwise a Unix-domain client. It reads from client only what
// the session takes, so a slow session holds its client back, and a slow client its session.
//
// The server knows the TLS of a client over TCP that is a *[tls.Conn], or has one inside and returns it by a method NetConn:
// pg_hba.conf's hostssl, clientcert and cert, and pg_stat_ssl see it. SCRAM's channel binding needs to know the server's certificate as
// well, from a method ServerCertificate() *x509.Certificate beside ConnectionState.
//
// A client for whom there is no session, because the server is down or has too much to do, is told so. The error tells why there was no session, or why its connection broke; an end by either side is none.
func (db *DB) ServeConn(ctx context.Context, client net.Conn) error {
	own, err := db.owner()
	if err != nil {
		refuse(client, err)
		return fmt.Errorf("serve a connection: %w", err)
	}
	return own.serveConn(ctx, client, nil)
}

func (db *DB) serveConn(ctx context.Context, client net.Conn, a *activity) error {
	defer client.Close()
	as := clientFrom(addrPort(client.LocalAddr()), addrPort(client.RemoteAddr()))
	var err error
	if as.Remote != nil { // PostgreSQL has no TLS on Unix-domain sockets
		if as.TLS, err = tlsOf(client); err != nil {
			return err
		}
	}
	guest, err := db.dialAs(ctx, as)
	if err != nil {
		refuse(client, err)
		return err
	}
	defer guest.Close()
	return relay(ctx, client, guest, a)
}

// refuse tells a client why there is no session.
func refuse(client net.Conn, err error) {
	if errors.Is(err, errCrowded) {
		refusal.Send(client, refusal.TooManyConnections, "sorry, too many clients already")
		return
	}
	refusal.Send(client, refusal.CannotConnectNow, "the database system is not accepting connections")
}

// addrPort returns a TCP address, the zero value for any other.
func addrPort(a net.Addr) netip.AddrPort {
	if tcp, ok := a.(*net.TCPAddr); ok {
		ap := tcp.AddrPort()
		return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())
	}
	return netip.AddrPort{}
}

// lingering is how long a client may go on sending after its session has ended. Closing at once, with bytes unread, would make
// the operating system throw away the session's last message.
const lingering = time.Second

// lastWords is how long a client may take to read what its session has left behind when it ended, less than 100 kB.
const lastWords = 10 * time.Second

// relay copies both ways until the session ends. What the client has sent before it closed its sending side still counts. a notices
// what passes.
func relay(ctx context.Context, client net.Conn, guest *kernel.Conn, a *activity) error {
	defer context.AfterFunc(ctx, func() {
		_ = client.Close()
		_ = guest.Close()
	})()
	guest.AfterEnd(func() { _ = client.SetWriteDeadline(time.Now().Add(lastWords)) })
	sent := make(chan error, 1)
	go func() { sent <- fromClient(guest, client, a) }()
	received := guest.CopyTo(a.watch(client, directWriter(client)))
	_ = guest.Close()
	if received != nil {
		_ = client.Close()
	} else {
		endWriting(client)
		_ = client.SetReadDeadline(time.Now().Add(lingering))
	}
	return broken(received, <-sent)
}

// relayBuffer is what one direction holds beside the sockets' own buffers.
const relayBuffer = 16 << 10

// fromClient copies until the client has no more to send. When the session has ended before that, the rest is read and dropped.
func fromClient(guest *kernel.Conn, client net.Conn, a *activity) error {
	b := make([]byte, relayBuffer)
	for {
		n, err := client.Read(b)
		if n > 0 {
			a.received(b[:n])
			_, _ = guest.Write(b[:n]) // fails when the session has ended; relay sees that too, and sets a deadline
		}
		if errors.Is(err, io.EOF) {
			return guest.CloseWrite()
		}
		if err != nil {
			_ = guest.Close() // the client has vanished: its session shall see that when it writes
			return err
		}
	}
}

// endWriting tells the client that nothing more will come.
func endWriting(client net.Conn) {
	if c, ok := client.(interface{ CloseWrite() error }); ok {
		_ = c.CloseWrite()
	}
}

// broken picks the error worth telling: connections that were closed are everyday life.
func broken(errs ...error) error {
	for _, err := range errs {
		switch errno.Of(err) {
		case 0, errno.EBADF, errno.EPIPE, errno.ECONNRESET, errno.ECONNABORTED, errno.EAGAIN:
		default:
			return fmt.Errorf("connection lost: %w", err)
		}
	}
	return nil
}
