package vfs

import (
	"sync/atomic"

	"github.com/pglite-toolbox/pglite/engine/internal/errno"
)

// devFile is an open device.
type devFile struct {
	fs     *DevFS
	device device
	flag   int
	closed atomic.Bool
}

var _ Stream = (*devFile)(nil)

func (f *devFile) usable(allowed bool) error {
	if f.closed.Load() || !allowed {
		return errno.EBADF
	}
	return nil
}

// Read implements Stream.
func (f *devFile) Read(p []byte) (int, error) {
	if err := f.usable(readable(f.flag)); err != nil {
		return 0, err
	}
	return f.device.read(p)
}

// Write implements Stream.
func (f *devFile) Write(p []byte) (int, error) {
	if err := f.usable(writable(f.flag)); err != nil {
		return 0, err
	}
	return f.device.write(p)
}

// ReadAt implements File.
func (f *devFile) ReadAt(p []byte, _ int64) (int, error) { return f.Read(p) }

// WriteAt implements File.
func (f *devFile) WriteAt(p []byte, _ int64) (int, error) { return f.Write(p) }

// Append implements File.
func (f *devFile) Append(p []byte) (int, error) { return f.Write(p) }

// Size implements File.
func (f *devFile) Size() (int64, error) { return 0, f.usable(true) }

// Stat implements File.
func (f *devFile) Stat() (Stat, error) { return f.device.stat(f.fs), f.usable(true) }

// Truncate implements File.
func (f *devFile) Truncate(int64) error { return f.or(errno.EINVAL) }

// Sync implements File.
func (f *devFile) Sync() error { return f.or(errno.EINVAL) }

// Datasync implements File.
func (f *devFile) Datasync() error { return f.or(errno.EINVAL) }

// Allocate implements File.
func (f *devFile) Allocate(int64, int64) error { return f.or(errno.ENODEV) }

// Advise implements File.
func (f *devFile) Advise(int64, int64, int) error { return f.usable(true) }

// ReadDir implements File.
func (f *devFile) ReadDir() ([]DirEntry, error) { return nil, f.or(errno.ENOTDIR) }

// Chmod implements File.
func (f *devFile) Chmod(uint32) error { return f.or(errno.EPERM) }

// Utimes implements File.
func (f *devFile) Utimes(Timespec, Timespec) error { return f.or(errno.EPERM) }

// Close implements File.
func (f *devFile) Close() error {
	if f.closed.Swap(true) {
		return errno.EBADF
	}
	return nil
}

// or is EBADF for a closed file and otherwise the number.
func (f *devFile) or(n errno.Errno) error {
	if err := f.usable(true); err != nil {
		return err
	}
	return n
}
