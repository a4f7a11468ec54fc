package vfs

import (
	"io/fs"
	"os"

	"github.com/pglite-toolbox/pglite/engine/internal/errno"
)

// plain reports whether a mode is a regular file's or a directory's: nothing else of a host is opened.
func plain(mode uint32) bool { return mode&S_IFMT == S_IFREG || mode&S_IFMT == S_IFDIR }

// openRoot opens through os.Root.
func (d *DirFS) openRoot(name string, flag int, perm uint32) (*os.File, error) {
	if flag&O_NOFOLLOW != 0 {
		// os.Root follows links itself, whatever the flags.
		if st, err := d.stat(name, false); err == nil && st.IsSymlink() {
			return nil, errno.ELOOP
		}
	}
	if name == "." && flag&O_CREAT != 0 {
		return nil, errno.EISDIR
	}
	if st, err := d.stat(name, true); err == nil && !plain(st.Mode) {
		return nil, errno.ENXIO // opening a FIFO would wait for its other end
	}
	f, err := d.root.OpenFile(name, hostFlag(flag), fs.FileMode(perm))
	if err != nil {
		return nil, err
	}
	return f, nil
}

// statRoot describes a name through os.Root.
func (d *DirFS) statRoot(name string, follow bool) (Stat, error) {
	lookup := d.root.Lstat
	if follow {
		lookup = d.root.Stat
	}
	info, err := lookup(name)
	if err != nil {
		return Stat{}, err
	}
	return statOf(info), nil
}
