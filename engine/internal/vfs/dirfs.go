package vfs

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/pglite-toolbox/pglite/engine/internal/errno"
)

// Options of a DirFS. The zero value is a writable file system.
type Options struct {
	// ReadOnly makes every change EROFS.
	ReadOnly bool
	// Hidden are files that cannot be seen, opened, made, moved or removed; nil hides none.
	Hidden *Hidden
}

// DirFS is a directory of the host. Nothing outside of it can be reached, be it
// through symbolic links in it or through names; os.Root (and on Linux the
// kernel's own RESOLVE_BENEATH, which is quicker) sees to that.
//
// On Unix, modes, link counts and inode numbers are the host's. On Windows modes
// are made up (directories 0700, files 0600) and Chmod only sets and clears the
// read-only attribute. Files that are open may be renamed over and unlinked on
// Windows too: they are opened with FILE_SHARE_DELETE, and NTFS since Windows 10
// 1809 gives rename and delete POSIX semantics. On older systems, FAT and some
// network drives the name of an unlinked file stays until it is closed, and
// renaming over an open file is EACCES. Names that Windows cannot hold are ENOENT,
// and a symbolic link needs developer mode or the privilege to make one (EPERM).
//
// FIFOs, sockets and devices in the directory are seen but not of use.
type DirFS struct {
	root     *os.Root
	dir      *os.File // root, for calls that need an open directory
	readOnly bool
	hidden   *Hidden
	escape   error // what os.Root says when a path leads out of it
	beneath  bool  // the host resolves beneath a directory itself (Linux)
}

var _ FS = (*DirFS)(nil)

// NewDirFS serves a directory that is already open. The DirFS takes the root
// over, and Close closes it.
func NewDirFS(root *os.Root, options Options) (*DirFS, error) {
	dir, err := root.Open(".")
	if err != nil {
		return nil, fmt.Errorf("open directory %q: %w", root.Name(), err)
	}
	d := &DirFS{root: root, dir: dir, readOnly: options.ReadOnly, hidden: options.Hidden, escape: escapeOf(root)}
	d.beneath = resolvesBeneath(dir)
	return d, nil
}

// OpenDirFS serves the directory at a host path.
func OpenDirFS(path string, options Options) (*DirFS, error) {
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, err // which names the directory
	}
	d, err := NewDirFS(root, options)
	if err != nil {
		return nil, errors.Join(err, root.Close())
	}
	return d, nil
}

// escapeOf asks the root for something above it, to learn the error, which
// package os does not export.
func escapeOf(root *os.Root) error {
	_, err := root.Lstat("..")
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return ErrEscapes
}

// Close gives the directory back. Files opened from it stay usable.
func (d *DirFS) Close() error {
	return errors.Join(d.dir.Close(), d.root.Close())
}

// fail turns an error of the host into one of this package.
func (d *DirFS) fail(err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, d.escape) || IsEscape(err) {
		return ErrEscapes
	}
	return hostError(err)
}

// hostError keeps the cause only where the number tells nothing.
func hostError(err error) error {
	if err == nil {
		return nil
	}
	if n := errno.Of(err); n != errno.EIO {
		return n
	}
	return fmt.Errorf("%w: %w", errno.EIO, err)
}

// OpenFile implements FS.
func (d *DirFS) OpenFile(name string, flag int, perm uint32) (File, error) {
	if err := checkHostName(name); err != nil {
		return nil, err
	}
	if d.hidden.name(name) {
		return nil, neverThere(flag&O_CREAT != 0)
	}
	if d.readOnly && changes(flag) {
		if err := d.refuseChange(name, flag); err != nil {
			return nil, err
		}
		flag &^= O_CREAT
	}
	f, err := d.openVisible(name, flag, perm&permBits)
	if err != nil {
		return nil, d.fail(err)
	}
	return &dirFile{f: f, flag: flag, readOnly: d.readOnly, hidden: d.hidden}, nil
}

// openVisible opens a file that no other name, be it a link's, makes a hidden one. It is emptied only then.
func (d *DirFS) openVisible(name string, flag int, perm uint32) (*os.File, error) {
	if d.hidden == nil {
		return d.open(name, flag, perm)
	}
	if err := d.visible(name, true); flag&O_TRUNC != 0 && err != nil {
		return nil, err
	}
	empty := flag&O_TRUNC != 0 && writable(flag)
	if empty {
		flag &^= O_TRUNC
	}
	f, err := d.open(name, flag, perm)
	if err != nil {
		return nil, err
	}
	st, err := statFile(f)
	switch {
	case err != nil:
	case d.hidden.file(st):
		err = errno.ENOENT
	case empty && st.Size > 0:
		err = f.Truncate(0)
	}
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return f, nil
}

// visible is ENOENT for what is hidden.
func (d *DirFS) visible(name string, follow bool) error {
	if d.hidden == nil {
		return nil
	}
	if d.hidden.name(name) {
		return errno.ENOENT
	}
	if st, err := d.stat(name, follow); err == nil && d.hidden.file(st) {
		return errno.ENOENT
	}
	return nil
}

// refuseChange allows O_CREAT of a file that is there and is only to be read.
func (d *DirFS) refuseChange(name string, flag int) error {
	st, err := d.stat(name, true)
	switch {
	case err != nil && errno.Of(err) == errno.ENOENT && flag&O_CREAT != 0:
		return errno.EROFS
	case err != nil:
		return d.fail(err)
	case flag&(O_CREAT|O_EXCL) == O_CREAT|O_EXCL:
		return errno.EEXIST
	case st.IsDir() && (writable(flag) || flag&O_CREAT != 0):
		return errno.EISDIR
	case writable(flag) || flag&O_TRUNC != 0:
		return errno.EROFS
	}
	return nil
}

// Stat implements FS.
func (d *DirFS) Stat(name string) (Stat, error) { return d.checkedStat(name, true) }

// Lstat implements FS.
func (d *DirFS) Lstat(name string) (Stat, error) { return d.checkedStat(name, false) }

func (d *DirFS) checkedStat(name string, follow bool) (Stat, error) {
	if err := checkHostName(name); err != nil {
		return Stat{}, err
	}
	st, err := d.stat(name, follow)
	if err == nil && (d.hidden.name(name) || d.hidden.file(st)) {
		return Stat{}, errno.ENOENT
	}
	return st, d.fail(err)
}

// change is what precedes all that changes the file system under a name: the
// name has to be good, and the file system writable.
func (d *DirFS) change(name string) error {
	if err := checkHostName(name); err != nil {
		return err
	}
	if d.readOnly {
		return errno.EROFS
	}
	return nil
}

// Mkdir implements FS.
func (d *DirFS) Mkdir(name string, perm uint32) error {
	err := d.change(name)
	if errors.Is(err, errno.EROFS) {
		if _, statErr := d.stat(name, false); statErr == nil {
			return errno.EEXIST
		}
	}
	if err != nil {
		return err
	}
	if name == "." {
		return errno.EEXIST
	}
	if d.hidden.name(name) {
		return neverThere(true)
	}
	return d.fail(d.root.Mkdir(name, fs.FileMode(perm&permBits)))
}

// Unlink implements FS.
func (d *DirFS) Unlink(name string) error {
	if err := d.change(name); err != nil {
		return err
	}
	if name == "." {
		return errno.EISDIR
	}
	if err := d.visible(name, false); err != nil {
		return err
	}
	return d.fail(d.unlink(name))
}

// Rmdir implements FS.
func (d *DirFS) Rmdir(name string) error {
	if err := d.change(name); err != nil {
		return err
	}
	if name == "." {
		return errno.EBUSY
	}
	return d.fail(d.rmdir(name))
}

// Rename implements FS.
func (d *DirFS) Rename(oldName, newName string) error {
	if err := errors.Join(d.change(oldName), d.change(newName)); err != nil {
		return errno.Of(err)
	}
	if oldName == "." || newName == "." {
		return errno.EBUSY
	}
	if err := d.moves(oldName, newName); err != nil {
		return err
	}
	return d.fail(d.rename(oldName, newName))
}

// Link implements FS.
func (d *DirFS) Link(oldName, newName string) error {
	if err := errors.Join(d.change(oldName), d.change(newName)); err != nil {
		return errno.Of(err)
	}
	if oldName == "." {
		return errno.EPERM
	}
	if newName == "." {
		return errno.EEXIST
	}
	if err := d.moves(oldName, newName); err != nil {
		return err
	}
	return d.fail(d.link(oldName, newName))
}

// moves reports what is hidden of two names of a file.
func (d *DirFS) moves(oldName, newName string) error {
	if err := d.visible(oldName, false); err != nil {
		return err
	}
	if d.visible(newName, false) != nil {
		return neverThere(true)
	}
	return nil
}

// Symlink implements FS.
func (d *DirFS) Symlink(target, name string) error {
	if err := checkLength(target); err != nil {
		return err
	}
	if err := d.change(name); err != nil {
		return err
	}
	if name == "." {
		return errno.EEXIST
	}
	if d.hidden.name(name) {
		return neverThere(true)
	}
	return d.fail(d.root.Symlink(target, name))
}

// Readlink implements FS.
func (d *DirFS) Readlink(name string) (string, error) {
	if err := checkHostName(name); err != nil {
		return "", err
	}
	if name == "." {
		return "", errno.EINVAL
	}
	if d.hidden.name(name) {
		return "", errno.ENOENT
	}
	target, err := d.root.Readlink(name)
	if err != nil {
		return "", d.fail(d.notALink(name, err))
	}
	return guestTarget(target), nil
}

// Chmod implements FS.
func (d *DirFS) Chmod(name string, mode uint32) error {
	if err := d.change(name); err != nil {
		return err
	}
	if err := d.visible(name, true); err != nil {
		return err
	}
	return d.fail(d.root.Chmod(name, fs.FileMode(mode&permBits)))
}

// Utimes implements FS.
func (d *DirFS) Utimes(name string, atim, mtim Timespec) error {
	if err := d.change(name); err != nil {
		return err
	}
	if !atim.valid() || !mtim.valid() {
		return errno.EINVAL
	}
	if err := d.visible(name, true); err != nil {
		return err
	}
	a, _ := atim.resolve(time.Now) // the zero time means no change to Chtimes too
	m, _ := mtim.resolve(time.Now)
	return d.fail(d.root.Chtimes(name, a, m))
}
