// Package relay carries the bytes of a session between a client's connection and the server's, and notices whether the
// session is idle.
package relay

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/pglite-toolbox/pglite/engine/internal/errno"
	"github.com/pglite-toolbox/pglite/engine/internal/kernel"
)

// drainTime is how long a client may go on sending after its session has ended. Closing at once, with bytes unread,
// would make the operating system throw away the session's last message.
const drainTime = time.Second

// flushTime is how long a client may take to read what its session has left behind when it ended, less than 100 kB.
const flushTime = 10 * time.Second

// Run copies both ways until the session ends. What the client has sent before it closed its sending side still counts.
// a notices what passes.
func Run(ctx context.Context, client net.Conn, guest *kernel.Conn, a *Activity) error {
	defer context.AfterFunc(ctx, func() {
		_ = client.Close()
		_ = guest.Close()
	})()
	guest.AfterEnd(func() { _ = client.SetWriteDeadline(time.Now().Add(flushTime)) })
	sent := make(chan error, 1)
	go func() { sent <- fromClient(guest, client, a) }()
	received := guest.CopyTo(a.watch(client, directWriter(client)))
	_ = guest.Close()
	if received != nil {
		_ = client.Close()
	} else {
		endWriting(client)
		_ = client.SetReadDeadline(time.Now().Add(drainTime))
	}
	return broken(received, <-sent)
}

// relayBuffer is what one direction holds beside the sockets' own buffers.
const relayBuffer = 16 << 10

// fromClient copies until the client has no more to send. When the session has ended before that, the rest is read and
// dropped.
func fromClient(guest *kernel.Conn, client net.Conn, a *Activity) error {
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
			_ = guest.Close() // the client has vanished: its session sees that when it writes
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

// Plain is a connection that is nothing but a socket: what wraps it changes no byte.
type Plain interface {
	PlainSocket() *net.UnixConn
}

// Between copies both ways between a client and a server that another process runs, until the session ends.
func Between(ctx context.Context, client, server net.Conn) error {
	defer context.AfterFunc(ctx, func() {
		_ = client.Close()
		_ = server.Close()
	})()
	sent := make(chan error, 1)
	go func() {
		_, err := io.Copy(server, client)
		endWriting(server)
		sent <- err
	}()
	_, received := io.Copy(client, server)
	_ = server.Close()
	if received != nil {
		_ = client.Close()
	} else {
		endWriting(client)
		_ = client.SetReadDeadline(time.Now().Add(drainTime))
	}
	return broken(received, <-sent)
}
