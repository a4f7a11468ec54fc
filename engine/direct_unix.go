//go:build unix

package engine

import (
	"errors"
	"net"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/pglite-toolbox/pglite/engine/internal/errno"
)

// directWriter returns a function that writes to conn what can be written without waiting, nil when conn is no socket of the
// operating system. It must not run twice at a time.
func directWriter(conn net.Conn) func([]byte) (int, error) {
	socket, ok := conn.(syscall.Conn)
	if !ok {
		return nil
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return nil
	}
	w := &rawWriter{}
	attempt := w.attempt // made once: it would be an allocation each time
	return func(b []byte) (int, error) {
		w.b = b
		if err := raw.Write(attempt); err != nil {
			return 0, err
		}
		w.b = nil
		return w.n, w.err
	}
}

type rawWriter struct {
	b   []byte
	n   int
	err error
}

// attempt never asks to be called again when the socket is ready.
func (w *rawWriter) attempt(fd uintptr) bool {
	for {
		w.n, w.err = unix.Write(int(fd), w.b)
		switch {
		case errors.Is(w.err, unix.EINTR):
			continue
		case errors.Is(w.err, unix.EAGAIN):
			w.n, w.err = 0, errno.EAGAIN
		}
		return true
	}
}
