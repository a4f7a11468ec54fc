package vfs

import "github.com/pglite-toolbox/pglite/engine/internal/errno"

// OpenFile implements FS.
func (m *MemFS) OpenFile(name string, flag int, perm uint32) (File, error) {
	n, err := m.lookupOpen(name, flag)
	if err == nil && n == nil {
		n, err = m.create(name, flag, perm)
	}
	if err != nil {
		return nil, err
	}
	f := &memFile{fs: m, node: n, flag: flag}
	if flag&O_TRUNC != 0 && n.kind == S_IFREG {
		m.shrink(n, 0)
		m.modified(n)
	}
	return f, nil
}

// follows reports whether an open follows a link at the end.
func follows(flag int) bool {
	return flag&O_NOFOLLOW == 0 && flag&(O_CREAT|O_EXCL) != O_CREAT|O_EXCL
}

// lookupOpen finds a file and counts it as open. Without an error and a file, it
// is to be created.
func (m *MemFS) lookupOpen(name string, flag int) (*node, error) {
	m.names.RLock()
	defer m.names.RUnlock()
	at, err := m.walk(name, follows(flag))
	switch {
	case err != nil:
		return nil, err
	case at.node == nil && flag&O_CREAT == 0:
		return nil, errno.ENOENT
	case at.node == nil:
		return nil, nil
	}
	if err := openable(at.node, flag); err != nil {
		return nil, err
	}
	at.node.opens.Add(1)
	return at.node, nil
}

// openable says whether a file that exists can be opened so.
func openable(n *node, flag int) error {
	switch {
	case flag&(O_CREAT|O_EXCL) == O_CREAT|O_EXCL:
		return errno.EEXIST
	case n.kind == S_IFLNK:
		return errno.ELOOP
	case n.kind == S_IFDIR && changes(flag):
		return errno.EISDIR
	case n.kind != S_IFDIR && flag&O_DIRECTORY != 0:
		return errno.ENOTDIR
	}
	return nil
}

// create makes a file, unless another goroutine was quicker; then it opens that.
func (m *MemFS) create(name string, flag int, perm uint32) (*node, error) {
	m.names.Lock()
	defer m.names.Unlock()
	at, err := m.walk(name, follows(flag))
	if err != nil {
		return nil, err
	}
	n := at.node
	if n != nil {
		if err := openable(n, flag); err != nil {
			return nil, err
		}
	} else {
		if flag&O_DIRECTORY != 0 {
			return nil, errno.EINVAL
		}
		n = m.newNode(S_IFREG, perm)
		m.attach(at, n)
	}
	n.opens.Add(1)
	return n, nil
}

// attach gives a node a name. MemFS.names is held for writing.
func (m *MemFS) attach(at place, n *node) {
	at.dir.children[at.base] = n
	n.nlink.Add(1)
	if n.kind == S_IFDIR {
		n.parent = at.dir
		n.nlink.Store(2)
		at.dir.nlink.Add(1)
	}
	m.modified(at.dir)
	m.changed(n)
}

// detach takes a name away. MemFS.names is held for writing.
func (m *MemFS) detach(at place) {
	delete(at.dir.children, at.base)
	if at.node.kind == S_IFDIR {
		at.node.nlink.Store(0)
		at.dir.nlink.Add(-1)
	} else {
		at.node.nlink.Add(-1)
	}
	m.modified(at.dir)
	m.changed(at.node)
	m.release(at.node)
}

// Stat implements FS.
func (m *MemFS) Stat(name string) (Stat, error) { return m.lookupStat(name, true) }

// Lstat implements FS.
func (m *MemFS) Lstat(name string) (Stat, error) { return m.lookupStat(name, false) }

func (m *MemFS) lookupStat(name string, follow bool) (Stat, error) {
	m.names.RLock()
	defer m.names.RUnlock()
	n, err := m.existing(name, follow)
	if err != nil {
		return Stat{}, err
	}
	return m.stat(n), nil
}

// Mkdir implements FS.
func (m *MemFS) Mkdir(name string, perm uint32) error {
	return m.make(name, func() *node { return m.newNode(S_IFDIR, perm) })
}

// Symlink implements FS.
func (m *MemFS) Symlink(target, name string) error {
	if err := checkLength(target); err != nil {
		return err
	}
	return m.make(name, func() *node {
		n := m.newNode(S_IFLNK, permBits)
		n.target = target
		return n
	})
}

func (m *MemFS) make(name string, newNode func() *node) error {
	m.names.Lock()
	defer m.names.Unlock()
	at, err := m.vacant(name)
	if err != nil {
		return err
	}
	m.attach(at, newNode())
	return nil
}

// Link implements FS.
func (m *MemFS) Link(oldName, newName string) error {
	m.names.Lock()
	defer m.names.Unlock()
	n, err := m.existing(oldName, false)
	if err != nil {
		return err
	}
	at, err := m.vacant(newName)
	if err != nil {
		return err
	}
	if n.kind == S_IFDIR {
		return errno.EPERM
	}
	m.attach(at, n)
	return nil
}

// Unlink implements FS.
func (m *MemFS) Unlink(name string) error {
	m.names.Lock()
	defer m.names.Unlock()
	at, err := m.walk(name, false)
	switch {
	case err != nil:
		return err
	case at.node == nil:
		return errno.ENOENT
	case at.node.kind == S_IFDIR:
		return errno.EISDIR
	}
	m.detach(at)
	return nil
}

// Rmdir implements FS.
func (m *MemFS) Rmdir(name string) error {
	m.names.Lock()
	defer m.names.Unlock()
	at, err := m.walk(name, false)
	switch {
	case err != nil:
		return err
	case at.node == nil:
		return errno.ENOENT
	case at.node.kind != S_IFDIR:
		return errno.ENOTDIR
	case at.node == m.root:
		return errno.EBUSY
	case len(at.node.children) > 0:
		return errno.ENOTEMPTY
	}
	m.detach(at)
	return nil
}

// Readlink implements FS.
func (m *MemFS) Readlink(name string) (string, error) {
	m.names.RLock()
	defer m.names.RUnlock()
	n, err := m.existing(name, false)
	if err != nil {
		return "", err
	}
	if n.kind != S_IFLNK {
		return "", errno.EINVAL
	}
	return n.target, nil
}

// Chmod implements FS.
func (m *MemFS) Chmod(name string, mode uint32) error {
	m.names.RLock()
	defer m.names.RUnlock()
	n, err := m.existing(name, true)
	if err != nil {
		return err
	}
	n.perm.Store(mode & permBits)
	m.changed(n)
	return nil
}

// Utimes implements FS.
func (m *MemFS) Utimes(name string, atim, mtim Timespec) error {
	m.names.RLock()
	defer m.names.RUnlock()
	n, err := m.existing(name, true)
	if err != nil {
		return err
	}
	return m.utimes(n, atim, mtim)
}
