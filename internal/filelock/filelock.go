// Package filelock takes operating-system locks on open files. A lock goes with the process that has it, however that
// ends, so it is never stale. Locks of one process on two opened files of one name exclude each other too.
package filelock

import (
	"errors"
	"os"
)

var (
	// ErrBusy tells that another opened file has the lock.
	ErrBusy = errors.New("the file is locked by another process")
	// ErrUnsupported tells that this kind of file cannot be locked here: a directory on Windows and on some network
	// file systems.
	ErrUnsupported = errors.New("files of this kind cannot be locked here")
)

// IsOpenAs reports whether the open file still has the name: after a lock is taken, somebody may have removed the file
// meanwhile, and another has the name.
func IsOpenAs(f *os.File, name string) bool {
	mine, err := f.Stat()
	if err != nil {
		return false
	}
	there, err := os.Stat(name)
	return err == nil && os.SameFile(mine, there)
}
