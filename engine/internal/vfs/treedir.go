package vfs

import (
	"slices"

	"github.com/pglite-toolbox/pglite/engine/internal/errno"
)

// treeDir is an open directory with mount points in it.
type treeDir struct {
	File
	mounts []DirEntry
}

// withMounts completes an open in a mount that has others below: a directory
// lists their mount points, and may exist for them alone.
func (table *mountTable) withMounts(at location, flag int, file File, err error) (File, error) {
	if table.above[at.path] == nil {
		return file, err
	}
	st, isVirtual := table.virtual(at, err)
	switch {
	case err == nil:
		return &treeDir{file, table.mountPoints(at.path)}, nil
	case !isVirtual:
		return nil, err
	case changes(flag):
		return nil, errno.EISDIR
	}
	return &fixedDir{stat: st, entries: table.mountPoints(at.path)}, nil
}

// mountPoints lists the names in a directory that lead to mounts.
func (table *mountTable) mountPoints(dir string) []DirEntry {
	var entries []DirEntry
	for _, name := range table.above[dir] {
		full := dir + "/" + name
		if dir == "/" {
			full = dir + name
		}
		if st, err := table.lstat(table.locate(full)); err == nil {
			entries = append(entries, DirEntry{Name: name, Ino: st.Ino, Type: st.Mode & S_IFMT})
		}
	}
	return entries
}

// ReadDir implements File. A mount point hides what has its name.
func (d *treeDir) ReadDir() ([]DirEntry, error) {
	entries, err := d.File.ReadDir()
	if err != nil {
		return nil, err
	}
	entries = slices.DeleteFunc(entries, func(e DirEntry) bool {
		return slices.ContainsFunc(d.mounts, func(m DirEntry) bool { return m.Name == e.Name })
	})
	return append(entries, d.mounts...), nil
}
