package emscripten

import (
	"encoding/binary"

	"github.com/pglite-toolbox/pglite/engine/internal/errno"
	"github.com/pglite-toolbox/pglite/engine/internal/vfs"
)

// fileCalls work on descriptors.
var fileCalls = calls{
	"__syscall_fcntl64": result("iii:i", func(c call) (int32, error) {
		arg := int32(0)
		if list := c.ptr(2); list != 0 {
			arg = int32(c.vararg(list, 0))
		}
		return c.Fcntl(c.i32(0), c.i32(1), arg)
	}),
	"__syscall_ioctl":       status("iii:i", func(c call) error { return c.ioctl(c.i32(0), c.u32(1), c.ptr(2)) }),
	"__syscall_dup":         result("i:i", func(c call) (int32, error) { return c.Dup(c.i32(0)) }),
	"__syscall_dup3":        result("iii:i", func(c call) (int32, error) { return c.Dup3(c.i32(0), c.i32(1), c.i32(2)) }),
	"__syscall_pipe":        status("i:i", func(c call) error { return c.pipe(0) }),
	"__syscall_pipe2":       status("ii:i", func(c call) error { return c.pipe(int(c.i32(1))) }),
	"__syscall_fdatasync":   status("i:i", func(c call) error { return c.Datasync(c.i32(0)) }),
	"__syscall_fchmod":      status("ii:i", func(c call) error { return c.Fchmod(c.i32(0), c.u32(1)) }),
	"__syscall_ftruncate64": status("iii:i", func(c call) error { return c.Truncate(c.i32(0), c.pair(1)) }),
	"__syscall_fallocate": status("iiiiii:i", func(c call) error {
		if c.i32(1) != 0 {
			return errno.ENOTSUP
		}
		return c.Allocate(c.i32(0), c.pair(2), c.pair(4))
	}),
	"__syscall_fadvise64_64": status("iiiiii:i", func(c call) error {
		return c.Advise(c.i32(0), c.pair(1), c.pair(3), c.i32(5))
	}),
	"__syscall_sync": status(":i", func(c call) error { return nil }),
	"__syscall_getdents64": result("iii:i", func(c call) (int32, error) {
		n := 0
		err := c.ReadDir(c.i32(0), func(index int64, entries []vfs.DirEntry) (taken int) {
			taken, n = putEntries(c.bytes(c.ptr(1), c.u32(2)), index, entries)
			return taken
		})
		return int32(n), err
	}),
}

// pair joins two words to a 64-bit number, the low one first.
func (c call) pair(n int) int64 { return int64(c.u32(n)) | int64(c.u32(n+1))<<32 }

func (c call) pipe(flags int) error {
	r, w, err := c.Pipe(flags)
	if err == nil {
		c.put32(c.ptr(0), uint32(r))
		c.put32(c.ptr(0)+4, uint32(w))
	}
	return err
}

// struct dirent of Emscripten: ino, off, reclen, type, name.
const (
	direntSize = 280
	direntName = 19
)

func putEntries(b []byte, index int64, entries []vfs.DirEntry) (taken, n int) {
	for _, e := range entries {
		if len(b)-n < direntSize {
			break
		}
		d := b[n : n+direntSize]
		clear(d)
		taken++
		binary.LittleEndian.PutUint64(d, e.Ino)
		binary.LittleEndian.PutUint64(d[8:], uint64(index)+uint64(taken))
		binary.LittleEndian.PutUint16(d[16:], direntSize)
		d[18] = byte(e.Type >> 12)
		copy(d[direntName:direntSize-1], e.Name)
		n += direntSize
	}
	return taken, n
}
