package emscripten

import (
	"github.com/pglite-toolbox/pglite/engine/internal/errno"
	"github.com/pglite-toolbox/pglite/engine/internal/kernel"
)

// ioCalls move bytes and may wait.
var ioCalls = calls{
	"read":  blocking("iiii:i", func(c call) (int32, error) { return c.vector((*kernel.Process).Read) }),
	"write": blocking("iiii:i", func(c call) (int32, error) { return c.vector((*kernel.Process).Write) }),
	"recv": blocking("iiii:i", func(c call) (int32, error) {
		n, err := c.Recv(c.i32(0), c.bytes(c.ptr(1), c.u32(2)), c.i32(3))
		return int32(n), err
	}),
	"send": blocking("iiii:i", func(c call) (int32, error) {
		n, err := c.Send(c.i32(0), c.bytes(c.ptr(1), c.u32(2)), c.i32(3))
		return int32(n), err
	}),
	"accept": blocking("iiii:i", func(c call) (int32, error) {
		fd, address, err := c.Accept(c.i32(0), c.i32(3))
		if err == nil {
			c.putAddress(address, c.ptr(1), c.ptr(2))
		}
		return fd, err
	}),
	"connect": blocking("iii:i", func(c call) (int32, error) {
		return 0, c.Connect(c.i32(0), c.bytes(c.ptr(1), c.u32(2)))
	}),
}

// iovMax is IOV_MAX, Linux's.
const iovMax = 1024

// vector runs a transfer over the buffers of an array of struct iovec (descriptor, array, count, address of the
// result). It ends at the first buffer that is not filled; an error after some bytes is told by the next call.
func (c call) vector(move func(p *kernel.Process, fd int32, b []byte) (int, error)) (int32, error) {
	total := 0
	if c.u32(2) > iovMax {
		return 0, errno.EINVAL
	}
	for i := range c.u32(2) {
		b := c.iovec(c.ptr(1), i)
		if len(b) == 0 {
			continue
		}
		n, err := move(c.Process, c.i32(0), b)
		total += n
		if err != nil && total == 0 {
			return 0, err
		}
		if err != nil || n < len(b) {
			break
		}
	}
	c.put32(c.ptr(3), uint32(total))
	return 0, nil
}

func (c call) iovec(list ptr, n uint32) []byte {
	list += ptr(8 * n)
	return c.bytes(ptr(c.get32(list)), c.get32(list+4))
}

// wasiCalls are those of WASI's functions that Emscripten's musl uses. They return a positive error number.
var wasiCalls = calls{
	"fd_close": wasi("i:i", func(c call) error { return c.Close(c.i32(0)) }),
	"fd_sync":  wasi("i:i", func(c call) error { return c.Sync(c.i32(0)) }),
	"fd_seek": wasi("ijii:i", func(c call) error {
		at, err := c.Seek(c.i32(0), c.i64(1), c.i32(2))
		if err == nil {
			c.put64(c.ptr(3), uint64(at))
		}
		return err
	}),
	"fd_pread":  wasi("iiiji:i", func(c call) error { return c.positioned((*kernel.Process).Pread) }),
	"fd_pwrite": wasi("iiiji:i", func(c call) error { return c.positioned((*kernel.Process).Pwrite) }),
}

// positioned runs preadv or pwritev (descriptor, array, count, offset, address of the result).
func (c call) positioned(move func(p *kernel.Process, fd int32, b []byte, offset int64) (int, error)) error {
	total := 0
	if c.u32(2) > iovMax {
		return errno.EINVAL
	}
	for i := range c.u32(2) {
		b := c.iovec(c.ptr(1), i)
		n, err := move(c.Process, c.i32(0), b, c.i64(3)+int64(total))
		total += n
		if err != nil && total == 0 {
			return err
		}
		if err != nil || n < len(b) {
			break
		}
	}
	c.put32(c.ptr(4), uint32(total))
	return nil
}

func wasi(signature string, f func(c call) error) hostFunc {
	return result(signature, func(c call) (int32, error) { return int32(errno.Of(f(c))), nil })
}
