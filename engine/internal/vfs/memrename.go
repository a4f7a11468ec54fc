package vfs

import "github.com/pglite-toolbox/pglite/engine/internal/errno"

// Rename implements FS.
func (m *MemFS) Rename(oldName, newName string) error {
	m.names.Lock()
	defer m.names.Unlock()
	from, err := m.walk(oldName, false)
	if err != nil {
		return err
	}
	to, err := m.walk(newName, false)
	if err != nil {
		return err
	}
	if err := m.renamable(from, to); err != nil {
		return err
	}
	if from.node == to.node {
		return nil // two names of one file: POSIX leaves both
	}
	if to.node != nil {
		m.detach(to)
	}
	m.move(from, to)
	return nil
}

// renamable says why a rename cannot be, in the order that Linux checks.
func (m *MemFS) renamable(from, to place) error {
	switch {
	case from.node == nil:
		return errno.ENOENT
	case from.node == m.root || to.node == m.root:
		return errno.EBUSY
	case from.node == to.node:
		return nil
	case from.node.kind == S_IFDIR && contains(from.node, to.dir):
		return errno.EINVAL
	case to.node == nil:
		return nil
	case from.node.kind != S_IFDIR && to.node.kind == S_IFDIR:
		return errno.EISDIR
	case from.node.kind == S_IFDIR && to.node.kind != S_IFDIR:
		return errno.ENOTDIR
	case len(to.node.children) > 0:
		return errno.ENOTEMPTY
	}
	return nil
}

// contains reports whether dir is ancestor or below it.
func contains(ancestor, dir *node) bool {
	for ; dir != ancestor; dir = dir.parent {
		if dir == dir.parent {
			return false
		}
	}
	return true
}

// move changes the name of a node that stays what it is: its link count does not
// touch zero on the way, and so nothing is released.
func (m *MemFS) move(from, to place) {
	delete(from.dir.children, from.base)
	to.dir.children[to.base] = from.node
	if from.node.kind == S_IFDIR {
		from.dir.nlink.Add(-1)
		to.dir.nlink.Add(1)
		from.node.parent = to.dir
	}
	m.modified(from.dir)
	m.modified(to.dir)
	m.changed(from.node)
}
