package emscripten

import (
	"encoding/binary"

	"github.com/pglite-toolbox/pglite/engine/internal/errno"
	"github.com/pglite-toolbox/pglite/engine/internal/kernel"
)

// socketCalls have six words each, as musl passes them.
var socketCalls = calls{
	"__syscall_socket": result(sixWords, func(c call) (int32, error) { return c.Socket(c.i32(0), c.i32(1)) }),
	"__syscall_socketpair": status(sixWords, func(c call) error {
		a, b, err := c.Socketpair(c.i32(1))
		if err == nil {
			c.put32(c.ptr(3), uint32(a))
			c.put32(c.ptr(3)+4, uint32(b))
		}
		return err
	}),
	"__syscall_bind":        status(sixWords, func(c call) error { return c.Bind(c.i32(0), c.bytes(c.ptr(1), c.u32(2))) }),
	"__syscall_listen":      status(sixWords, func(c call) error { return c.Listen(c.i32(0), c.i32(1)) }),
	"__syscall_shutdown":    status(sixWords, func(c call) error { return c.Shutdown(c.i32(0), c.i32(1)) }),
	"__syscall_getsockname": status(sixWords, func(c call) error { return c.sockname(false) }),
	"__syscall_getpeername": status(sixWords, func(c call) error { return c.sockname(true) }),
	"__syscall_setsockopt":  status(sixWords, func(c call) error { return c.IsSocket(c.i32(0)) }),
	"__syscall_getsockopt":  status(sixWords, call.getsockopt),
}

const sixWords = "iiiiii:i"

func (c call) sockname(peer bool) error {
	a, err := c.Getsockname(c.i32(0), peer)
	if err == nil {
		c.putAddress(a, c.ptr(1), c.ptr(2))
	}
	return err
}

// putAddress writes an address, cut to the room that *length tells, and its full length.
func (c call) putAddress(a kernel.Address, at, length ptr) {
	if at == 0 || length == 0 {
		return
	}
	room := c.get32(length)
	copy(c.bytes(at, room), a)
	c.put32(length, uint32(len(a)))
}

const (
	solSocket  = 1
	soType     = 3
	soSndbuf   = 7
	soRcvbuf   = 8
	soPeercred = 17
)

// getsockopt answers what PostgreSQL asks: the type, buffer sizes; everything else is 0, as SO_ERROR is. Who the peer
// is cannot be told, and PostgreSQL says so: peer authentication is not supported on this platform.
func (c call) getsockopt() error {
	if err := c.IsSocket(c.i32(0)); err != nil {
		return err
	}
	value := make([]byte, 4)
	n := 4
	if c.i32(1) == solSocket {
		switch c.i32(2) {
		case soType:
			value[0] = 1
		case soSndbuf, soRcvbuf:
			binary.LittleEndian.PutUint32(value, 64<<10)
		case soPeercred: // a client is somebody of the host: to name the guest's own user would let everybody in as that one
			return errno.ENOSYS
		}
	}
	n = min(n, int(c.get32(c.ptr(4))))
	copy(c.bytes(c.ptr(3), uint32(n)), value)
	c.put32(c.ptr(4), uint32(n))
	return nil
}
