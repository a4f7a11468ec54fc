//go:build unix

package filelock

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// TryLock takes the exclusive lock of an open file, flock(2), without waiting. It returns ErrBusy when another has it or shares it.
// Closing the file gives it up.
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
		}
		return err
	}
}
