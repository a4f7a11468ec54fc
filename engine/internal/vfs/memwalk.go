package vfs

import (
	"strings"

	"github.com/pglite-toolbox/pglite/engine/internal/errno"
)

// maxLinks is how many symbolic links one lookup follows, as on Linux.
const maxLinks = 40

// place is where a lookup ends: the node, or nil with the directory that would
// hold it.
type place struct {
	dir  *node
	base string // in dir; "." for the root
	node *node
}

// walk looks a name up and follows the links on the way, and the one at the end
// if so asked. MemFS.names is held.
func (m *MemFS) walk(name string, follow bool) (place, error) {
	if err := checkName(name); err != nil {
		return place{}, err
	}
	at := place{dir: m.root, base: ".", node: m.root}
	links := 0
	for rest, more := name, true; more; {
		if at.node == nil {
			return place{}, errno.ENOENT
		}
		if at.node.kind != S_IFDIR {
			return place{}, errno.ENOTDIR
		}
		var component string
		component, rest, more = strings.Cut(rest, "/")
		next, err := step(at.node, component, m.root)
		if err != nil {
			return place{}, err
		}
		if next.node == nil || next.node.kind != S_IFLNK || !more && !follow {
			at = next
			continue
		}
		if links++; links > maxLinks {
			return place{}, errno.ELOOP
		}
		if strings.HasPrefix(next.node.target, "/") {
			return place{}, ErrEscapes
		}
		if more {
			rest = next.node.target + "/" + rest
		} else {
			rest, more = next.node.target, true
		}
	}
	return at, nil
}

// step goes one component down, up, or stays.
func step(dir *node, component string, root *node) (place, error) {
	switch component {
	case "", ".":
		return place{dir: dir.parent, base: ".", node: dir}, nil
	case "..":
		if dir == root {
			return place{}, ErrEscapes
		}
		return place{dir: dir.parent.parent, base: ".", node: dir.parent}, nil
	}
	if len(component) > nameMax {
		return place{}, errno.ENAMETOOLONG
	}
	return place{dir: dir, base: component, node: dir.children[component]}, nil
}

// existing is walk for what has to exist.
func (m *MemFS) existing(name string, follow bool) (*node, error) {
	at, err := m.walk(name, follow)
	if err == nil && at.node == nil {
		err = errno.ENOENT
	}
	return at.node, err
}

// vacant is walk for a name that is to be made.
func (m *MemFS) vacant(name string) (place, error) {
	at, err := m.walk(name, false)
	switch {
	case err != nil:
		return place{}, err
	case at.node != nil:
		return place{}, errno.EEXIST
	}
	return at, nil
}
