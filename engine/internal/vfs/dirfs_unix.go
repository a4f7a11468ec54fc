//go:build unix

package vfs

import (
	"io/fs"
	"os"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/pglite-toolbox/pglite/engine/internal/errno"
)

func checkHostName(name string) error { return checkName(name) }

// guestTarget is the text of a symbolic link as the guest wrote it.
func guestTarget(target string) string { return target }

// notALink is the error of a failed Readlink.
func (d *DirFS) notALink(_ string, err error) error { return err }

// hostFlag translates the flags of OpenFile.
func hostFlag(flag int) int {
	host := flag & O_ACCMODE // 0, 1, 2 everywhere
	for _, f := range hostFlags {
		if flag&f.guest == f.guest {
			host |= f.host
		}
	}
	return host | unix.O_CLOEXEC
}

// The sync flags stand in an order that works where one includes the other.
var hostFlags = append([]struct{ guest, host int }{
	{O_CREAT, unix.O_CREAT},
	{O_EXCL, unix.O_EXCL},
	{O_TRUNC, unix.O_TRUNC},
	{O_APPEND, unix.O_APPEND},
	{O_NONBLOCK, unix.O_NONBLOCK},
	{O_SYNC, unix.O_SYNC},
	{O_DIRECTORY, unix.O_DIRECTORY},
	{O_NOFOLLOW, unix.O_NOFOLLOW},
}, hostOnlyFlags...)

// statOf translates what os learned of a file.
func statOf(info fs.FileInfo) Stat {
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		return statOfHost(st)
	}
	return Stat{}
}

// splitName gives the directory ("." at the top) and the last component.
func splitName(name string) (dir, base string) {
	if i := strings.LastIndexByte(name, '/'); i >= 0 {
		return name[:i], name[i+1:]
	}
	return ".", name
}

// at calls f with the directory that holds the name, safely opened, and the last
// component, which f must not follow.
func (d *DirFS) at(name string, f func(dirfd int, base string) error) error {
	dir, base := splitName(name)
	if dir == "." {
		return control(d.dir, func(fd int) error { return f(fd, base) })
	}
	parent, err := d.open(dir, O_RDONLY|O_DIRECTORY, 0)
	if err != nil {
		return err
	}
	defer parent.Close() //nolint:errcheck // only read, nothing can be lost
	return control(parent, func(fd int) error { return f(fd, base) })
}

// control calls f with the descriptor of an open file, which cannot be closed
// meanwhile, and again as long as a signal interrupts it.
func control(file *os.File, f func(fd int) error) error {
	conn, err := file.SyscallConn()
	if err != nil {
		return err
	}
	var callErr error
	err = conn.Control(func(fd uintptr) {
		for {
			if callErr = f(int(fd)); callErr != unix.EINTR {
				return
			}
		}
	})
	if err != nil {
		return os.ErrClosed // the only reason, which Control does not name so
	}
	return callErr
}

func (d *DirFS) unlink(name string) error {
	return d.at(name, func(dirfd int, base string) error {
		err := unix.Unlinkat(dirfd, base, 0)
		if err == unix.EPERM {
			// POSIX's number for a directory, which Linux does not use.
			var st unix.Stat_t
			if unix.Fstatat(dirfd, base, &st, unix.AT_SYMLINK_NOFOLLOW) == nil && st.Mode&unix.S_IFMT == unix.S_IFDIR {
				return errno.EISDIR
			}
		}
		return err
	})
}

func (d *DirFS) rmdir(name string) error {
	return d.at(name, func(dirfd int, base string) error {
		return emptiness(unix.Unlinkat(dirfd, base, unix.AT_REMOVEDIR))
	})
}

func (d *DirFS) rename(oldName, newName string) error {
	return d.at(oldName, func(oldDir int, oldBase string) error {
		return d.at(newName, func(newDir int, newBase string) error {
			return emptiness(unix.Renameat(oldDir, oldBase, newDir, newBase))
		})
	})
}

func (d *DirFS) link(oldName, newName string) error {
	return d.at(oldName, func(oldDir int, oldBase string) error {
		return d.at(newName, func(newDir int, newBase string) error {
			return unix.Linkat(oldDir, oldBase, newDir, newBase, 0)
		})
	})
}

// emptiness makes one of the two numbers that POSIX allows for a directory that
// is not empty.
func emptiness(err error) error {
	if err == unix.EEXIST {
		return errno.ENOTEMPTY
	}
	return err
}
