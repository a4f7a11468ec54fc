package vfs

import (
	"strings"

	"github.com/pglite-toolbox/pglite/engine/internal/errno"
)

// on resolves a path and calls f where it leads: with the path as it is, and if
// the file system cannot resolve that alone, again after a walk.
func (t *Tree) on(p string, follow bool, f func(table *mountTable, at location) error) error {
	if err := checkPath(p); err != nil {
		return err
	}
	table := t.table.Load()
	if at, ok := table.direct(p); ok {
		if err := f(table, at); !needsWalk(err) {
			return err
		}
	}
	at, err := table.walk(p, follow)
	if err != nil {
		return err
	}
	return f(table, at)
}

// onBoth is on for two paths, neither of them followed at the end.
func (t *Tree) onBoth(oldPath, newPath string, f func(table *mountTable, from, to location) error) error {
	if err := checkPath(oldPath); err != nil {
		return err
	}
	if err := checkPath(newPath); err != nil {
		return err
	}
	table := t.table.Load()
	from, fromOK := table.direct(oldPath)
	to, toOK := table.direct(newPath)
	if fromOK && toOK && from.mount == to.mount {
		if err := f(table, from, to); !needsWalk(err) {
			return err
		}
	}
	from, err := table.walk(oldPath, false)
	if err != nil {
		return err
	}
	to, err = table.walk(newPath, false)
	if err != nil {
		return err
	}
	return f(table, from, to)
}

// OpenFile is FS.OpenFile for an absolute path.
func (t *Tree) OpenFile(path string, flag int, perm uint32) (file File, err error) {
	slash := strings.HasSuffix(path, "/")
	err = t.on(path, follows(flag), func(table *mountTable, at location) error {
		if flag&O_CREAT != 0 && (slash || table.leadsToMount(at)) {
			return neverCreated(flag)
		}
		file, err = at.mount.fs.OpenFile(at.name, flag, perm)
		if !at.mount.bare {
			file, err = table.withMounts(at, flag, file, err)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return file, nil
}

// neverCreated is the error of an open with O_CREAT of what can only be a directory.
func neverCreated(flag int) error {
	if flag&O_EXCL != 0 {
		return errno.EEXIST
	}
	return errno.EISDIR
}

// Stat is FS.Stat for an absolute path.
func (t *Tree) Stat(path string) (Stat, error) {
	return t.stat(path, true, func(at location) (Stat, error) { return at.mount.fs.Stat(at.name) })
}

// Lstat is FS.Lstat for an absolute path.
func (t *Tree) Lstat(path string) (Stat, error) {
	return t.stat(path, false, func(at location) (Stat, error) { return at.mount.fs.Lstat(at.name) })
}

func (t *Tree) stat(path string, follow bool, f func(location) (Stat, error)) (st Stat, err error) {
	err = t.on(path, follow, func(table *mountTable, at location) error {
		st, err = f(at)
		if err != nil {
			if virtual, ok := table.virtual(at, err); ok {
				st, err = virtual, nil
			}
		}
		return err
	})
	return st, err
}

// Mkdir is FS.Mkdir for an absolute path.
func (t *Tree) Mkdir(path string, perm uint32) error {
	return t.on(path, false, func(table *mountTable, at location) error {
		if table.leadsToMount(at) {
			return errno.EEXIST
		}
		return at.mount.fs.Mkdir(at.name, perm)
	})
}

// Unlink is FS.Unlink for an absolute path.
func (t *Tree) Unlink(path string) error {
	return t.on(path, false, func(table *mountTable, at location) error {
		if table.leadsToMount(at) {
			return errno.EISDIR
		}
		return at.mount.fs.Unlink(at.name)
	})
}

// Rmdir is FS.Rmdir for an absolute path.
func (t *Tree) Rmdir(path string) error {
	return t.on(path, false, func(table *mountTable, at location) error {
		if table.leadsToMount(at) {
			return errno.EBUSY
		}
		return at.mount.fs.Rmdir(at.name)
	})
}

// Rename is FS.Rename for absolute paths; EXDEV between mounts.
func (t *Tree) Rename(oldPath, newPath string) error {
	return t.onBoth(oldPath, newPath, func(table *mountTable, from, to location) error {
		switch {
		case table.leadsToMount(from) || table.leadsToMount(to):
			return errno.EBUSY
		case from.mount != to.mount:
			return table.across(from)
		}
		return from.mount.fs.Rename(from.name, to.name)
	})
}

// Link is FS.Link for absolute paths; EXDEV between mounts.
func (t *Tree) Link(oldPath, newPath string) error {
	return t.onBoth(oldPath, newPath, func(table *mountTable, from, to location) error {
		switch {
		case table.leadsToMount(from):
			return errno.EPERM
		case table.leadsToMount(to):
			return errno.EEXIST
		case from.mount != to.mount:
			return table.across(from)
		}
		return from.mount.fs.Link(from.name, to.name)
	})
}

// across is EXDEV, unless there is nothing to move.
func (table *mountTable) across(from location) error {
	if _, err := table.lstat(from); err != nil {
		return err
	}
	return errno.EXDEV
}

// Symlink is FS.Symlink for an absolute path. The target is kept as it is.
func (t *Tree) Symlink(target, path string) error {
	return t.on(path, false, func(table *mountTable, at location) error {
		if table.leadsToMount(at) {
			return errno.EEXIST
		}
		return at.mount.fs.Symlink(target, at.name)
	})
}

// Readlink is FS.Readlink for an absolute path.
func (t *Tree) Readlink(path string) (target string, err error) {
	err = t.on(path, false, func(table *mountTable, at location) error {
		if table.leadsToMount(at) {
			return errno.EINVAL
		}
		target, err = at.mount.fs.Readlink(at.name)
		return err
	})
	return target, err
}

// Chmod is FS.Chmod for an absolute path.
func (t *Tree) Chmod(path string, mode uint32) error {
	return t.on(path, true, func(_ *mountTable, at location) error {
		return at.mount.fs.Chmod(at.name, mode)
	})
}

// Utimes is FS.Utimes for an absolute path.
func (t *Tree) Utimes(path string, atim, mtim Timespec) error {
	return t.on(path, true, func(_ *mountTable, at location) error {
		return at.mount.fs.Utimes(at.name, atim, mtim)
	})
}
