package emscripten

import (
	"github.com/pglite-toolbox/pglite/engine/internal/errno"
	"github.com/pglite-toolbox/pglite/engine/internal/kernel"
)

const cwd = kernel.AtCwd

// pathCalls work on names; those without a directory descriptor are the older forms that musl prefers.
var pathCalls = calls{
	"__syscall_open": result("iii:i", func(c call) (int32, error) {
		return c.Openat(cwd, c.name(0), int(c.i32(1)), c.mode(2))
	}),
	"__syscall_openat": result("iiii:i", func(c call) (int32, error) {
		return c.Openat(c.i32(0), c.name(1), int(c.i32(2)), c.mode(3))
	}),
	"__syscall_access":    status("ii:i", func(c call) error { return c.Access(cwd, c.name(0), c.u32(1)) }),
	"__syscall_faccessat": status("iiii:i", func(c call) error { return c.Access(c.i32(0), c.name(1), c.u32(2)) }),
	"__syscall_chdir":     status("i:i", func(c call) error { return c.Chdir(c.name(0)) }),
	"__syscall_fchdir":    status("i:i", func(c call) error { return errno.ENOSYS }),
	"__syscall_getcwd": result("ii:i", func(c call) (int32, error) {
		name := c.Getcwd()
		if len(name)+1 > int(c.u32(1)) {
			return 0, errno.ERANGE
		}
		b := c.bytes(c.ptr(0), uint32(len(name)+1))
		b[copy(b, name)] = 0
		return int32(len(b)), nil
	}),
	"__syscall_chmod":    status("ii:i", func(c call) error { return c.Chmod(cwd, c.name(0), c.u32(1)) }),
	"__syscall_fchmodat": status("iiii:i", func(c call) error { return c.Chmod(c.i32(0), c.name(1), c.u32(2)) }),
	"__syscall_mkdir":    status("ii:i", func(c call) error { return c.Mkdir(cwd, c.name(0), c.u32(1)) }),
	"__syscall_mkdirat":  status("iii:i", func(c call) error { return c.Mkdir(c.i32(0), c.name(1), c.u32(2)) }),
	"__syscall_unlink":   status("i:i", func(c call) error { return c.Unlink(cwd, c.name(0), 0) }),
	"__syscall_unlinkat": status("iii:i", func(c call) error { return c.Unlink(c.i32(0), c.name(1), c.i32(2)) }),
	"__syscall_rmdir":    status("i:i", func(c call) error { return c.Unlink(cwd, c.name(0), kernel.AtRemovedir) }),
	"__syscall_rename":   status("ii:i", func(c call) error { return c.Rename(cwd, c.name(0), cwd, c.name(1)) }),
	"__syscall_renameat": status("iiii:i", func(c call) error { return c.Rename(c.i32(0), c.name(1), c.i32(2), c.name(3)) }),
	"__syscall_link":     status("ii:i", func(c call) error { return c.Link(cwd, c.name(0), cwd, c.name(1)) }),
	"__syscall_linkat":   status("iiiii:i", func(c call) error { return c.Link(c.i32(0), c.name(1), c.i32(2), c.name(3)) }),
	"__syscall_symlink":  status("ii:i", func(c call) error { return c.Symlink(c.name(0), cwd, c.name(1)) }),
	"__syscall_symlinkat": status("iii:i", func(c call) error {
		return c.Symlink(c.name(0), c.i32(1), c.name(2))
	}),
	"__syscall_readlink": result("iii:i", func(c call) (int32, error) { return c.readlink(cwd, 0) }),
	"__syscall_readlinkat": result("iiii:i", func(c call) (int32, error) {
		return c.readlink(c.i32(0), 1)
	}),
	"__syscall_truncate64": status("iii:i", func(c call) error { return c.TruncatePath(c.name(0), c.pair(1)) }),
	"__syscall_umask":      result("i:i", func(c call) (int32, error) { return int32(c.Umask(c.u32(0))), nil }),
}

// mode is the optional mode of open, the first variable argument.
func (c call) mode(n int) uint32 {
	const creates = 0o100
	if list := c.ptr(n); list != 0 && c.i32(n-1)&creates != 0 {
		return c.vararg(list, 0)
	}
	return 0
}

// readlink writes the target (name, buffer, size from argument n on), cut to the buffer, without a NUL.
func (c call) readlink(dirfd int32, n int) (int32, error) {
	target, err := c.Readlink(dirfd, c.name(n))
	if err != nil {
		return 0, err
	}
	return int32(copy(c.bytes(c.ptr(n+1), c.u32(n+2)), target)), nil
}
