package vfs

import (
	"io"
	"io/fs"
	"math"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/pglite-toolbox/pglite/engine/internal/errno"
)

// dirFile is an open file of a DirFS. The host file's own offset is never used.
type dirFile struct {
	f        *os.File
	flag     int
	readOnly bool
	hidden   *Hidden
	end      sync.Mutex // for Append without O_APPEND
}

// ReadAt implements File.
func (f *dirFile) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 {
		return 0, errno.EINVAL
	}
	n, err := f.f.ReadAt(p, off)
	if err == io.EOF {
		err = nil
	}
	return n, f.fail(err)
}

// WriteAt implements File.
func (f *dirFile) WriteAt(p []byte, off int64) (int, error) {
	if off < 0 {
		return 0, errno.EINVAL
	}
	if f.flag&O_APPEND != 0 {
		return f.Append(p)
	}
	n, err := f.f.WriteAt(p, off)
	return n, f.fail(err)
}

// Append implements File.
func (f *dirFile) Append(p []byte) (int, error) {
	if f.flag&O_APPEND != 0 {
		n, err := f.f.Write(p)
		return n, f.fail(err)
	}
	f.end.Lock()
	defer f.end.Unlock()
	size, err := f.Size()
	if err != nil {
		return 0, err
	}
	n, err := f.f.WriteAt(p, size)
	return n, f.fail(err)
}

// Size implements File. Seeking costs less than a stat and disturbs nothing,
// because the offset is not used.
func (f *dirFile) Size() (int64, error) {
	size, err := f.f.Seek(0, io.SeekEnd)
	return size, f.fail(err)
}

// Stat implements File.
func (f *dirFile) Stat() (Stat, error) {
	st, err := statFile(f.f)
	return st, f.fail(err)
}

// Truncate implements File.
func (f *dirFile) Truncate(size int64) error {
	if size < 0 || !writable(f.flag) {
		return errno.EINVAL
	}
	return f.fail(f.f.Truncate(size))
}

// Sync implements File.
func (f *dirFile) Sync() error { return f.fail(syncFile(f.f)) }

// Datasync implements File.
func (f *dirFile) Datasync() error { return f.fail(datasyncFile(f.f)) }

// Allocate implements File.
func (f *dirFile) Allocate(off, length int64) error {
	if off < 0 || length <= 0 {
		return errno.EINVAL
	}
	if off > math.MaxInt64-length {
		return errno.EFBIG
	}
	if !writable(f.flag) {
		return errno.EBADF
	}
	return f.fail(allocateFile(f.f, off, length))
}

// Advise implements File.
func (f *dirFile) Advise(off, length int64, advice int) error {
	return f.fail(adviseFile(f.f, off, length, advice))
}

// ReadDir implements File.
func (f *dirFile) ReadDir() ([]DirEntry, error) {
	f.end.Lock() // the directory's position is shared
	defer f.end.Unlock()
	if _, err := f.f.Seek(0, io.SeekStart); err != nil {
		return nil, f.fail(err)
	}
	entries, err := readDirFile(f.f)
	if f.hidden != nil {
		entries = slices.DeleteFunc(entries, func(e DirEntry) bool { return f.hidden.name(e.Name) })
	}
	return entries, f.fail(err)
}

// Chmod implements File.
func (f *dirFile) Chmod(mode uint32) error {
	if f.readOnly {
		return errno.EROFS
	}
	return f.fail(f.f.Chmod(fs.FileMode(mode & permBits)))
}

// Utimes implements File.
func (f *dirFile) Utimes(atim, mtim Timespec) error {
	if f.readOnly {
		return errno.EROFS
	}
	if !atim.valid() || !mtim.valid() {
		return errno.EINVAL
	}
	return f.fail(utimesFile(f.f, atim, mtim, time.Now))
}

// Close implements File.
func (f *dirFile) Close() error { return f.fail(f.f.Close()) }

func (f *dirFile) fail(err error) error { return hostError(err) }

// zeroFill writes zeros from the file's end up to the given length, so that the
// space is there. It is for hosts that cannot reserve space; holes before the end
// stay, because filling them could overwrite what another process writes.
func zeroFill(f *os.File, upTo int64) error {
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	zeros := make([]byte, 64<<10)
	for size < upTo {
		n, err := f.WriteAt(zeros[:min(upTo-size, int64(len(zeros)))], size)
		if err != nil {
			return err
		}
		size += int64(n)
	}
	return nil
}
