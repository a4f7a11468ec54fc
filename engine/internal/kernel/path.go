package kernel

import (
	"path"
	"strings"

	"github.com/pglite-toolbox/pglite/engine/internal/errno"
	"github.com/pglite-toolbox/pglite/engine/internal/vfs"
)

// AtCwd is AT_FDCWD.
const AtCwd = -100

// flags of the *at calls
const (
	AtSymlinkNofollow = 0x100
	AtRemovedir       = 0x200
)

const shmDirectory = "/dev/shm/"

// abs makes an absolute path of name, relative to the directory fd or the working directory.
func (p *Process) abs(dirfd int32, name string) (string, error) {
	switch {
	case name == "":
		return "", errno.ENOENT
	case name[0] == '/':
		return name, nil
	case dirfd == AtCwd:
		return p.cwd + "/" + name, nil
	}
	f, _, err := p.file(dirfd, errno.ENOTDIR)
	if err != nil {
		return "", err
	}
	return f.path + "/" + name, nil
}

// Openat is openat(2). Names under /dev/shm are shared memory, /dev/std* and /dev/fd/N descriptors.
func (p *Process) Openat(dirfd int32, name string, flags int, mode uint32) (int32, error) {
	full, err := p.abs(dirfd, name)
	if err != nil {
		return 0, err
	}
	if shm, ok := strings.CutPrefix(full, shmDirectory); ok {
		o, err := p.k.shm.open(shm, flags)
		if err != nil {
			return 0, err
		}
		return p.open(o, flags)
	}
	if fd, ok := standardStream(full); ok {
		return p.Dup(fd)
	}
	f, err := p.files.OpenFile(full, flags&^(vfs.O_CLOEXEC|vfs.O_NONBLOCK), mode&^p.umask)
	if err != nil {
		return 0, err
	}
	return p.open(&file{f, full}, flags)
}

func standardStream(name string) (int32, bool) {
	switch name {
	case "/dev/stdin", "/dev/fd/0":
		return 0, true
	case "/dev/stdout", "/dev/fd/1":
		return 1, true
	case "/dev/stderr", "/dev/fd/2":
		return 2, true
	}
	return 0, false
}

// tree runs an operation of the file tree on an absolute path.
func (p *Process) tree(dirfd int32, name string, op func(t *vfs.Tree, full string) error) error {
	full, err := p.abs(dirfd, name)
	if err != nil {
		return err
	}
	return op(p.files, full)
}

// Stat is fstatat(2).
func (p *Process) Stat(dirfd int32, name string, flags int32) (st vfs.Stat, err error) {
	err = p.tree(dirfd, name, func(t *vfs.Tree, full string) error {
		if flags&AtSymlinkNofollow != 0 {
			st, err = t.Lstat(full)
		} else {
			st, err = t.Stat(full)
		}
		return err
	})
	return st, err
}

// Fstat is fstat(2), of any descriptor.
func (p *Process) Fstat(fd int32) (vfs.Stat, error) {
	d, err := p.fds.get(fd)
	if err != nil {
		return vfs.Stat{}, err
	}
	st := vfs.Stat{UID: 1000, GID: 1000, Nlink: 1, Blksize: 4096}
	switch o := d.object.(type) {
	case *file:
		return o.Stat()
	case *shmFile:
		st.Mode, st.Size, st.Ino = vfs.S_IFREG|0o600, o.size(), o.object.ID()
	case *socket:
		st.Mode = vfs.S_IFSOCK | 0o700
	case *hostStream:
		st.Mode = vfs.S_IFIFO | 0o600
		if o.terminal != nil {
			st.Mode = vfs.S_IFCHR | 0o600
		}
	default:
		st.Mode = vfs.S_IFIFO | 0o600
	}
	return st, nil
}

// Access is faccessat(2): the guest's one user owns everything, so the owner's bits decide.
func (p *Process) Access(dirfd int32, name string, mode uint32) error {
	st, err := p.Stat(dirfd, name, 0)
	if err != nil {
		return err
	}
	if st.Mode>>6&mode&7 != mode&7 {
		return errno.EACCES
	}
	return nil
}

// Mkdir is mkdirat(2).
func (p *Process) Mkdir(dirfd int32, name string, mode uint32) error {
	return p.tree(dirfd, name, func(t *vfs.Tree, full string) error { return t.Mkdir(full, mode&^p.umask) })
}

// Unlink is unlinkat(2).
func (p *Process) Unlink(dirfd int32, name string, flags int32) error {
	return p.tree(dirfd, name, func(t *vfs.Tree, full string) error {
		if shm, ok := strings.CutPrefix(full, shmDirectory); ok {
			return p.k.shm.unlink(shm)
		}
		if flags&AtRemovedir != 0 {
			return t.Rmdir(full)
		}
		err := t.Unlink(full)
		if err == nil {
			p.k.sockets.forget(path.Clean(full), p.files)
		}
		return err
	})
}

// Rename is renameat(2), Link linkat(2).
func (p *Process) Rename(oldfd int32, oldName string, newfd int32, newName string) error {
	return p.two(oldfd, oldName, newfd, newName, (*vfs.Tree).Rename)
}

// Link is linkat(2).
func (p *Process) Link(oldfd int32, oldName string, newfd int32, newName string) error {
	return p.two(oldfd, oldName, newfd, newName, (*vfs.Tree).Link)
}

func (p *Process) two(oldfd int32, oldName string, newfd int32, newName string,
	op func(*vfs.Tree, string, string) error,
) error {
	from, err := p.abs(oldfd, oldName)
	if err != nil {
		return err
	}
	to, err := p.abs(newfd, newName)
	if err != nil {
		return err
	}
	return op(p.files, from, to)
}

// Symlink is symlinkat(2).
func (p *Process) Symlink(target string, dirfd int32, name string) error {
	return p.tree(dirfd, name, func(t *vfs.Tree, full string) error { return t.Symlink(target, full) })
}

// Readlink is readlinkat(2).
func (p *Process) Readlink(dirfd int32, name string) (target string, err error) {
	err = p.tree(dirfd, name, func(t *vfs.Tree, full string) error {
		target, err = t.Readlink(full)
		return err
	})
	return target, err
}

// Chmod is fchmodat(2).
func (p *Process) Chmod(dirfd int32, name string, mode uint32) error {
	return p.tree(dirfd, name, func(t *vfs.Tree, full string) error { return t.Chmod(full, mode) })
}

// Utimes is utimensat(2).
func (p *Process) Utimes(dirfd int32, name string, atim, mtim vfs.Timespec) error {
	return p.tree(dirfd, name, func(t *vfs.Tree, full string) error { return t.Utimes(full, atim, mtim) })
}

// TruncatePath is truncate(2).
func (p *Process) TruncatePath(name string, size int64) error {
	return p.tree(AtCwd, name, func(t *vfs.Tree, full string) error {
		f, err := t.OpenFile(full, vfs.O_WRONLY, 0)
		if err != nil {
			return err
		}
		defer f.Close()
		return f.Truncate(size)
	})
}

// Chdir is chdir(2).
func (p *Process) Chdir(name string) error {
	full, err := p.abs(AtCwd, name)
	if err != nil {
		return err
	}
	st, err := p.files.Stat(full)
	if err != nil {
		return err
	}
	if !st.IsDir() {
		return errno.ENOTDIR
	}
	p.cwd = path.Clean(full)
	return nil
}

// Getcwd is getcwd(2).
func (p *Process) Getcwd() string { return p.cwd }
