//go:build unix

package filelock

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// TryLock takes the exclusive lock of an open file or directory, flock(2), without waiting. It returns ErrBusy when
// another has it or shares it, and an error that is ErrUnsupported when nobody can have it. Closing the file gives it
// up.
func TryLock(f *os.File) error { return flock(f, unix.LOCK_EX) }

// TryShare takes a lock that others may share, but nobody may have for himself.
func TryShare(f *os.File) error { return flock(f, unix.LOCK_SH) }

func flock(f *os.File, how int) error {
	for {
		err := unix.Flock(int(f.Fd()), how|unix.LOCK_NB)
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case errors.Is(err, unix.EWOULDBLOCK):
			return ErrBusy
		case unsupported(err):
			return fmt.Errorf("%w: %w", ErrUnsupported, err)
		}
		return err
	}
}

// unsupported reports whether the file system has no such lock. NFS says EBADF of an exclusive lock on what is not open
// for writing, as a directory never is, and ENOLCK when its server has no lock manager.
func unsupported(err error) bool {
	for _, no := range []error{unix.EBADF, unix.EINVAL, unix.EISDIR, unix.ENOLCK, unix.ENOSYS, unix.ENOTSUP, unix.EOPNOTSUPP} {
		if errors.Is(err, no) {
			return true
		}
	}
	return false
}
