//go:build unix

package relay

import (
	"errors"
	"io"
	"net"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/pglite-toolbox/pglite/engine/internal/errno"
	"github.com/pglite-toolbox/pglite/engine/internal/kernel"
	"github.com/pglite-toolbox/pglite/engine/internal/readahead"
)

// directWriter returns a way to write to conn without waiting, nil when conn is no socket of the operating system: what
// wraps one may do something of its own with what is written. Its TryWrite must not run twice at a time.
func directWriter(conn net.Conn) kernel.DirectWriter {
	var socket syscall.Conn
	switch c := conn.(type) {
	case *net.TCPConn:
		socket = c
	case *net.UnixConn:
		socket = c
	case Plain:
		socket = c.PlainSocket()
	case *readahead.Conn:
		return directWriter(c.Conn)
	default:
		return nil
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return nil
	}
	w := &rawWriter{raw: raw}
	w.attempt = w.try
	return w
}

type rawWriter struct {
	raw     syscall.RawConn
	attempt func(uintptr) bool // try, made once: it would be an allocation each time
	b       []byte
	n       int
	err     error
}

// TryWrite implements kernel.DirectWriter.
func (w *rawWriter) TryWrite(b []byte) (int, error) {
	w.b = b
	err := w.raw.Write(w.attempt)
	w.b = nil
	if err != nil {
		return 0, err
	}
	return w.n, w.err
}

// try never asks to be called again when the socket is ready.
func (w *rawWriter) try(fd uintptr) bool {
	w.n, w.err = writeNow(fd, w.b)
	return true
}

// Await implements kernel.DirectWriter.
func (w *rawWriter) Await(ready func(write func([]byte) (int, error)) bool) error {
	return w.raw.Write(func(fd uintptr) bool {
		return ready(func(b []byte) (int, error) { return writeNow(fd, b) })
	})
}

// writeNow writes what the socket, which never blocks, takes.
func writeNow(fd uintptr, b []byte) (int, error) {
	for {
		switch n, err := unix.Write(int(fd), b); {
		case err == nil && n == 0:
			return 0, io.ErrUnexpectedEOF // as Go's own sockets have it: trying again would have no end
		case err == nil:
			return n, nil
		case errors.Is(err, unix.EINTR):
		case errors.Is(err, unix.EAGAIN):
			return 0, errno.EAGAIN
		default:
			return 0, err
		}
	}
}
