package vfs

import (
	"math"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/pglite-toolbox/pglite/engine/internal/errno"
)

// memFile is an open file or directory of a MemFS.
type memFile struct {
	fs     *MemFS
	node   *node
	flag   int
	closed atomic.Bool
}

// usable says whether data can be read or written: allowed is whether the flags
// of OpenFile let it.
func (f *memFile) usable(allowed bool) error {
	switch {
	case f.closed.Load() || !allowed:
		return errno.EBADF
	case f.node.kind == S_IFDIR:
		return errno.EISDIR
	}
	return nil
}

// open says whether the file is still open.
func (f *memFile) open() error {
	if f.closed.Load() {
		return errno.EBADF
	}
	return nil
}

// ReadAt implements File.
func (f *memFile) ReadAt(p []byte, off int64) (int, error) {
	if err := f.usable(readable(f.flag)); err != nil {
		return 0, err
	}
	if off < 0 {
		return 0, errno.EINVAL
	}
	return f.fs.read(f.node, p, off), nil
}

// WriteAt implements File.
func (f *memFile) WriteAt(p []byte, off int64) (int, error) {
	if off < 0 {
		return 0, errno.EINVAL
	}
	if f.flag&O_APPEND != 0 {
		return f.Append(p)
	}
	if err := f.usable(writable(f.flag)); err != nil {
		return 0, err
	}
	return f.fs.write(f.node, p, off)
}

// Append implements File.
func (f *memFile) Append(p []byte) (int, error) {
	if err := f.usable(writable(f.flag)); err != nil {
		return 0, err
	}
	return f.fs.append(f.node, p)
}

// Size implements File.
func (f *memFile) Size() (int64, error) {
	size, _ := f.node.content.extent()
	return size, f.open()
}

// Stat implements File.
func (f *memFile) Stat() (Stat, error) {
	if err := f.open(); err != nil {
		return Stat{}, err
	}
	return f.fs.stat(f.node), nil
}

// Truncate implements File.
func (f *memFile) Truncate(size int64) error {
	if err := f.open(); err != nil {
		return err
	}
	if size < 0 || f.usable(writable(f.flag)) != nil {
		return errno.EINVAL
	}
	return f.fs.truncate(f.node, size)
}

// Sync implements File.
func (f *memFile) Sync() error { return f.open() }

// Datasync implements File.
func (f *memFile) Datasync() error { return f.open() }

// Allocate implements File.
func (f *memFile) Allocate(off, length int64) error {
	if off < 0 || length <= 0 {
		return errno.EINVAL
	}
	if off > math.MaxInt64-length {
		return errno.EFBIG
	}
	if err := f.usable(writable(f.flag)); err != nil {
		return err
	}
	return f.fs.allocate(f.node, off, length)
}

// Advise implements File.
func (f *memFile) Advise(int64, int64, int) error { return f.open() }

// ReadDir implements File. The names are in order.
func (f *memFile) ReadDir() ([]DirEntry, error) {
	if err := f.open(); err != nil {
		return nil, err
	}
	if f.node.kind != S_IFDIR {
		return nil, errno.ENOTDIR
	}
	f.fs.names.RLock()
	defer f.fs.names.RUnlock()
	entries := make([]DirEntry, 0, len(f.node.children))
	for name, n := range f.node.children {
		entries = append(entries, DirEntry{Name: name, Ino: n.ino, Type: n.kind})
	}
	slices.SortFunc(entries, func(a, b DirEntry) int { return strings.Compare(a.Name, b.Name) })
	return entries, nil
}

// Chmod implements File.
func (f *memFile) Chmod(mode uint32) error {
	if err := f.open(); err != nil {
		return err
	}
	f.node.perm.Store(mode & permBits)
	f.fs.changed(f.node)
	return nil
}

// Utimes implements File.
func (f *memFile) Utimes(atim, mtim Timespec) error {
	if err := f.open(); err != nil {
		return err
	}
	return f.fs.utimes(f.node, atim, mtim)
}

// Close implements File.
func (f *memFile) Close() error {
	if f.closed.Swap(true) {
		return errno.EBADF
	}
	f.node.opens.Add(-1)
	f.fs.release(f.node)
	return nil
}
