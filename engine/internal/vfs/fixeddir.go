package vfs

import (
	"sync/atomic"

	"github.com/pglite-toolbox/pglite/engine/internal/errno"
)

// fixedDir is an open directory that cannot be changed: of a DevFS, or one that
// is there only because something is mounted below it.
type fixedDir struct {
	stat    Stat
	entries []DirEntry
	closed  atomic.Bool
}

var _ File = (*fixedDir)(nil)

func (f *fixedDir) or(err error) error {
	if f.closed.Load() {
		return errno.EBADF
	}
	return err
}

// ReadAt implements File.
func (f *fixedDir) ReadAt([]byte, int64) (int, error) { return 0, f.or(errno.EISDIR) }

// WriteAt implements File.
func (f *fixedDir) WriteAt([]byte, int64) (int, error) { return 0, f.or(errno.EBADF) }

// Append implements File.
func (f *fixedDir) Append([]byte) (int, error) { return 0, f.or(errno.EBADF) }

// Size implements File.
func (f *fixedDir) Size() (int64, error) { return 0, f.or(nil) }

// Stat implements File.
func (f *fixedDir) Stat() (Stat, error) { return f.stat, f.or(nil) }

// Truncate implements File.
func (f *fixedDir) Truncate(int64) error { return f.or(errno.EINVAL) }

// Sync implements File.
func (f *fixedDir) Sync() error { return f.or(nil) }

// Datasync implements File.
func (f *fixedDir) Datasync() error { return f.or(nil) }

// Allocate implements File.
func (f *fixedDir) Allocate(int64, int64) error { return f.or(errno.EBADF) }

// Advise implements File.
func (f *fixedDir) Advise(int64, int64, int) error { return f.or(nil) }

// ReadDir implements File.
func (f *fixedDir) ReadDir() ([]DirEntry, error) {
	return append([]DirEntry(nil), f.entries...), f.or(nil)
}

// Chmod implements File.
func (f *fixedDir) Chmod(uint32) error { return f.or(errno.EPERM) }

// Utimes implements File.
func (f *fixedDir) Utimes(Timespec, Timespec) error { return f.or(errno.EPERM) }

// Close implements File.
func (f *fixedDir) Close() error {
	if f.closed.Swap(true) {
		return errno.EBADF
	}
	return nil
}
