package vfs

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/windows"

	"github.com/pglite-toolbox/pglite/engine/internal/errno"
)

// checkHostName also refuses what Windows would take for something else: a
// backslash, a drive or stream, the name of a device.
func checkHostName(name string) error {
	if err := checkName(name); err != nil {
		return err
	}
	for component := range strings.SplitSeq(name, "/") {
		if len(component) > nameMax {
			return errno.ENAMETOOLONG
		}
	}
	if _, err := filepath.Localize(name); err != nil {
		return errno.ENOENT
	}
	return nil
}

// guestTarget gives a link's text back with the slashes that it was made with.
func guestTarget(target string) string { return filepath.ToSlash(target) }

// notALink finds the number for a failed Readlink; Windows' own says little.
func (d *DirFS) notALink(name string, err error) error {
	if st, statErr := d.stat(name, false); statErr == nil && !st.IsSymlink() {
		return errno.EINVAL
	}
	return err
}

// hostFlag translates the flags of OpenFile. Windows has no O_DIRECT, O_NOFOLLOW
// is checked before, and O_DSYNC is as strong as O_SYNC.
func hostFlag(flag int) int {
	host := flag & O_ACCMODE
	for _, f := range []struct{ guest, host int }{
		{O_CREAT, os.O_CREATE},
		{O_EXCL, os.O_EXCL},
		{O_TRUNC, os.O_TRUNC},
		{O_APPEND, os.O_APPEND},
		{O_DSYNC, os.O_SYNC},
		{O_DIRECTORY, 0x04000}, // as os.Root's openat on Windows takes it
	} {
		if flag&f.guest != 0 {
			host |= f.host
		}
	}
	return host
}

// resolvesBeneath is for Linux; here os.Root walks.
func resolvesBeneath(*os.File) bool { return false }

func (d *DirFS) open(name string, flag int, perm uint32) (*os.File, error) {
	return d.openRoot(name, flag, perm)
}

// stat asks an open handle for the inode number and the links, which os.Root does
// not tell. They stay 0 and 1 for what cannot be opened.
func (d *DirFS) stat(name string, follow bool) (Stat, error) {
	st, err := d.statRoot(name, follow)
	if err != nil || st.IsSymlink() {
		return st, err
	}
	f, err := d.root.Open(name)
	if err != nil {
		return st, nil
	}
	defer f.Close() //nolint:errcheck // only asked, nothing can be lost
	if byHandle, err := statFile(f); err == nil {
		return byHandle, nil
	}
	return st, nil
}

// statOf translates what os learned of a file. There is no inode number in it.
func statOf(info fs.FileInfo) Stat {
	st := Stat{
		Mode: S_IFREG | 0o600, Nlink: 1, UID: guestUID, GID: guestGID,
		Size: info.Size(), Blksize: 4096, Blocks: (info.Size() + 511) / 512,
	}
	switch {
	case info.IsDir():
		st.Mode = S_IFDIR | 0o700
	case info.Mode()&fs.ModeSymlink != 0:
		st.Mode = S_IFLNK | 0o777
	case info.Mode()&0o200 == 0:
		st.Mode = S_IFREG | 0o400
	}
	st.Mtim = TimespecOf(info.ModTime())
	st.Atim, st.Ctim = st.Mtim, st.Mtim
	return st
}

func (d *DirFS) unlink(name string) error {
	st, err := d.stat(name, false)
	if err != nil {
		return err
	}
	if st.IsDir() {
		return errno.EISDIR
	}
	return d.root.Remove(name)
}

func (d *DirFS) rmdir(name string) error {
	st, err := d.stat(name, false)
	if err != nil {
		return err
	}
	if !st.IsDir() {
		return errno.ENOTDIR
	}
	return d.root.Remove(name)
}

// rename has to make room for a directory itself, because Windows does not
// replace one.
func (d *DirFS) rename(oldName, newName string) error {
	from, err := d.stat(oldName, false)
	if err != nil {
		return err
	}
	to, err := d.stat(newName, false)
	switch {
	case err != nil || oldName == newName:
	case from.IsDir() && !to.IsDir():
		return errno.ENOTDIR
	case !from.IsDir() && to.IsDir():
		return errno.EISDIR
	case to.IsDir():
		if err := d.root.Remove(newName); err != nil {
			return err
		}
	}
	return d.root.Rename(oldName, newName)
}

func (d *DirFS) link(oldName, newName string) error { return d.root.Link(oldName, newName) }

// syncFile flushes a file. Windows has no flush of a directory: NTFS writes its
// own journal for names.
func syncFile(f *os.File) error {
	err := f.Sync()
	if err != nil {
		if info, statErr := f.Stat(); statErr == nil && info.IsDir() {
			return nil
		}
	}
	return err
}

func statFile(f *os.File) (Stat, error) {
	info, err := f.Stat()
	if err != nil {
		return Stat{}, err
	}
	st := statOf(info)
	var byHandle windows.ByHandleFileInformation
	err = onHandle(f, func(h windows.Handle) error { return windows.GetFileInformationByHandle(h, &byHandle) })
	if err != nil {
		return Stat{}, err
	}
	st.Dev = uint64(byHandle.VolumeSerialNumber)
	st.Ino = uint64(byHandle.FileIndexHigh)<<32 | uint64(byHandle.FileIndexLow)
	st.Nlink = byHandle.NumberOfLinks
	return st, nil
}

func utimesFile(f *os.File, atim, mtim Timespec, now func() time.Time) error {
	var a, m *windows.Filetime
	if t, ok := atim.resolve(now); ok {
		ft := windows.NsecToFiletime(t.UnixNano())
		a = &ft
	}
	if t, ok := mtim.resolve(now); ok {
		ft := windows.NsecToFiletime(t.UnixNano())
		m = &ft
	}
	return onHandle(f, func(h windows.Handle) error { return windows.SetFileTime(h, nil, a, m) })
}

// onHandle calls f with the handle of an open file, which cannot be closed meanwhile.
func onHandle(file *os.File, f func(windows.Handle) error) error {
	conn, err := file.SyscallConn()
	if err != nil {
		return err
	}
	var callErr error
	err = conn.Control(func(h uintptr) { callErr = f(windows.Handle(h)) })
	if err != nil {
		return os.ErrClosed // the only reason, which Control does not name so
	}
	return callErr
}
