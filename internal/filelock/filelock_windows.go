package filelock

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// TryLock takes the exclusive lock of an open file, LockFileEx, without waiting. It returns ErrBusy when another has it or shares it.
// Closing the file gives it up.
func TryLock(f *os.File) error { return lock(f, windows.LOCKFILE_EXCLUSIVE_LOCK) }

// TryShare takes a lock that others may share, but nobody may have for himself.
func TryShare(f *os.File) error { return lock(f, 0) }

// lock locks a byte that lies far behind the content, which others must be able to read.
func lock(f *os.File, how uint32) error {
	at := windows.Overlapped{OffsetHigh: 0x40000000}
	err := windows.LockFileEx(windows.Handle(f.Fd()), how|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, &at)
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) || errors.Is(err, windows.ERROR_IO_PENDING) {
		return ErrBusy
	}
	return err
}
