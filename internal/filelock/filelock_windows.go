package filelock

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/windows"
)

// TryLock takes the exclusive lock of an open file, LockFileEx, without waiting. It returns ErrBusy when another has it
// or shares it, and an error that is ErrUnsupported for a directory. Closing the file gives it up.
func TryLock(f *os.File) error { return lock(f, windows.LOCKFILE_EXCLUSIVE_LOCK) }

// TryShare takes a lock that others may share, but nobody may have for himself.
func TryShare(f *os.File) error { return lock(f, 0) }

// lock locks a byte that lies far behind the content, which others must be able to read.
func lock(f *os.File, how uint32) error {
	at := windows.Overlapped{OffsetHigh: 0x40000000}
	err := windows.LockFileEx(windows.Handle(f.Fd()), how|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, &at)
	switch {
	case errors.Is(err, windows.ERROR_LOCK_VIOLATION), errors.Is(err, windows.ERROR_IO_PENDING):
		return ErrBusy
	case errors.Is(err, windows.ERROR_INVALID_PARAMETER), errors.Is(err, windows.ERROR_INVALID_FUNCTION),
		errors.Is(err, windows.ERROR_NOT_SUPPORTED), errors.Is(err, windows.ERROR_INVALID_HANDLE), errors.Is(err, windows.ERROR_ACCESS_DENIED):
		return fmt.Errorf("%w: %w", ErrUnsupported, err)
	}
	return err
}
