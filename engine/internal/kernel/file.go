package kernel

import (
	"math"

	"github.com/pglite-toolbox/pglite/engine/internal/errno"
	"github.com/pglite-toolbox/pglite/engine/internal/vfs"
)

// file is an open file or directory of the tree.
type file struct {
	vfs.File
	path string
}

func (f *file) close() { _ = f.File.Close() }

// file returns the file behind fd, EBADF or the given error when it is something else.
func (p *Process) file(fd int32, otherwise error) (*file, *Description, error) {
	d, err := p.fds.get(fd)
	if err != nil {
		return nil, nil, err
	}
	f, ok := d.object.(*file)
	if !ok {
		return nil, d, otherwise
	}
	return f, d, nil
}

// Pread is preadv(2) with one buffer.
func (p *Process) Pread(fd int32, b []byte, offset int64) (int, error) {
	f, d, err := p.file(fd, errno.ESPIPE)
	switch {
	case err != nil:
		return 0, err
	case !d.readable():
		return 0, errno.EBADF
	case offset < 0:
		return 0, errno.EINVAL
	}
	return f.ReadAt(b, offset)
}

// Pwrite is pwritev(2) with one buffer.
func (p *Process) Pwrite(fd int32, b []byte, offset int64) (int, error) {
	f, d, err := p.file(fd, errno.ESPIPE)
	switch {
	case err != nil:
		return 0, err
	case !d.writable():
		return 0, errno.EBADF
	case offset < 0:
		return 0, errno.EINVAL
	}
	return f.WriteAt(b, offset)
}

// read reads at the description's offset.
func (f *file) read(d *Description, b []byte) (int, error) {
	if s, ok := f.File.(vfs.Stream); ok {
		return s.Read(b)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	n, err := f.ReadAt(b, d.offset)
	d.offset += int64(n)
	return n, err
}

func (f *file) write(d *Description, b []byte) (int, error) {
	if s, ok := f.File.(vfs.Stream); ok {
		return s.Write(b)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if int(d.flags.Load())&vfs.O_APPEND != 0 {
		n, err := f.Append(b)
		if size, e := f.Size(); e == nil {
			d.offset = size
		}
		return n, err
	}
	n, err := f.WriteAt(b, d.offset)
	d.offset += int64(n)
	return n, err
}

// Seek is lseek(2).
func (p *Process) Seek(fd int32, offset int64, whence int32) (int64, error) {
	f, d, err := p.file(fd, errno.ESPIPE)
	if err != nil {
		return 0, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	switch whence {
	case 0:
	case 1:
		offset += d.offset
	case 2:
		size, err := f.Size()
		if err != nil {
			return 0, err
		}
		offset += size
	default:
		return 0, errno.EINVAL
	}
	if offset < 0 {
		return 0, errno.EINVAL
	}
	if offset == 0 {
		d.dir = nil
	}
	d.offset = offset
	return offset, nil
}

// Sync is fsync(2). What is no file has nothing to synchronise: EINVAL.
func (p *Process) Sync(fd int32) error {
	f, _, err := p.file(fd, errno.EINVAL)
	if err != nil {
		return err
	}
	return f.Sync()
}

// Datasync is fdatasync(2).
func (p *Process) Datasync(fd int32) error {
	f, _, err := p.file(fd, errno.EINVAL)
	if err != nil {
		return err
	}
	return f.Datasync()
}

// Truncate is ftruncate(2), of files and of shared memory.
func (p *Process) Truncate(fd int32, size int64) error {
	d, err := p.fds.get(fd)
	if err != nil {
		return err
	}
	switch o := d.object.(type) {
	case *file:
		return o.Truncate(size)
	case *shmFile:
		return o.grow(size)
	}
	return errno.EINVAL
}

// Allocate is posix_fallocate(3), of files and of shared memory.
func (p *Process) Allocate(fd int32, offset, length int64) error {
	d, err := p.fds.get(fd)
	if err != nil {
		return err
	}
	if offset < 0 || length <= 0 {
		return errno.EINVAL
	}
	if offset > math.MaxInt64-length {
		return errno.EFBIG
	}
	switch o := d.object.(type) {
	case *file:
		return o.Allocate(offset, length)
	case *shmFile:
		return o.grow(max(offset+length, o.size()))
	}
	return errno.ENODEV
}

// Advise is posix_fadvise(2). Nothing happens for shared memory.
func (p *Process) Advise(fd int32, offset, length int64, advice int32) error {
	d, err := p.fds.get(fd)
	if err != nil {
		return err
	}
	if length < 0 || advice < vfs.POSIX_FADV_NORMAL || advice > vfs.POSIX_FADV_NOREUSE {
		return errno.EINVAL
	}
	switch o := d.object.(type) {
	case *file:
		return o.Advise(offset, length, int(advice))
	case *shmFile:
		return nil
	}
	return errno.ESPIPE
}

// Fchmod is fchmod(2).
func (p *Process) Fchmod(fd int32, mode uint32) error {
	f, _, err := p.file(fd, nil)
	if f == nil {
		return err
	}
	return f.Chmod(mode)
}

// ReadDir returns the directory's entries from the description's position on; taken tells how many of them were used.
func (p *Process) ReadDir(fd int32, take func(index int64, entries []vfs.DirEntry) (taken int)) error {
	f, d, err := p.file(fd, errno.ENOTDIR)
	if err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.dir == nil {
		if d.dir, err = f.list(); err != nil {
			return err
		}
	}
	rest := d.dir[min(d.offset, int64(len(d.dir))):]
	d.offset += int64(take(d.offset, rest))
	return nil
}

// list lists a directory with the two entries that every directory has. The number of ".." is not the parent's; nobody
// compares it.
func (f *file) list() ([]vfs.DirEntry, error) {
	entries, err := f.File.ReadDir()
	if err != nil {
		return nil, err
	}
	st, err := f.Stat()
	if err != nil {
		return nil, err
	}
	dots := []vfs.DirEntry{{Name: ".", Ino: st.Ino, Type: vfs.S_IFDIR}, {Name: "..", Ino: st.Ino, Type: vfs.S_IFDIR}}
	return append(dots, entries...), nil
}
