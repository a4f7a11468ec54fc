package vfs

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pglite-toolbox/pglite/engine/internal/errno"
)

// Tree is the guest's whole file tree: file systems mounted at guest paths. Its
// methods are those of FS, but take absolute guest paths in any form ("/a//b/../c/");
// joining the current directory is the caller's part.
//
// A path belongs to the mount with the longest prefix. Most paths are handed to the
// file system as they are. Where that cannot work - a ".." in the path, a link that
// leads out of the file system, mounts below - the Tree walks the components
// itself and follows links in the guest's terms, where "/" is the guest's root and
// ".." stops there. So a link like pg_tblspc/16384 -> /tablespace/fast leads to the
// guest's /tablespace/fast, never to the host's.
//
// Mount points need not exist in the file system they are mounted on; they appear
// in the listing of their directory all the same. They and the directories above
// them can be neither removed nor renamed (EBUSY). Renaming and linking between
// mounts is EXDEV.
type Tree struct {
	mu    sync.Mutex // of who mounts
	table atomic.Pointer[mountTable]
}

// mountTable is never changed once it is in use.
type mountTable struct {
	mounts []*mount // longest path first; the last is "/"

	// above has the directories that have mounts somewhere below, with the
	// names that lead to them.
	above map[string][]string
	made  time.Time
}

type mount struct {
	path string // clean; "/" for the root
	fs   FS
	bare bool // nothing is mounted below
}

// NewTree makes a tree with a file system as its root.
func NewTree(root FS) *Tree {
	t := new(Tree)
	t.table.Store(newMountTable([]*mount{{path: "/", fs: root}}))
	return t
}

// Mount puts a file system at an absolute guest path. It fails when something is
// mounted there already. Files that are open are not affected.
func (t *Tree) Mount(at string, fs FS) error {
	clean := path.Clean(at)
	if err := checkLength(at); err != nil || !path.IsAbs(at) || clean == "/" {
		return fmt.Errorf("mount at %q: not an absolute path below the root: %w", at, errno.EINVAL)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	old := t.table.Load().mounts
	mounts := make([]*mount, 0, len(old)+1)
	for _, m := range old {
		if m.path == clean {
			return fmt.Errorf("mount at %q: something is mounted there: %w", at, errno.EBUSY)
		}
		mounts = append(mounts, &mount{path: m.path, fs: m.fs})
	}
	t.table.Store(newMountTable(append(mounts, &mount{path: clean, fs: fs})))
	return nil
}

// Branch returns a tree with the same mounts. What is mounted on either later, the other does not show.
func (t *Tree) Branch() *Tree {
	branch := new(Tree)
	branch.table.Store(t.table.Load()) // which is never changed
	return branch
}

func newMountTable(mounts []*mount) *mountTable {
	table := &mountTable{mounts: mounts, above: map[string][]string{}, made: time.Now()}
	slices.SortFunc(mounts, func(a, b *mount) int { return cmp.Compare(len(b.path), len(a.path)) })
	for _, m := range mounts {
		for p := m.path; p != "/"; {
			dir, base := path.Split(p)
			p = path.Clean(dir)
			if !slices.Contains(table.above[p], base) {
				table.above[p] = append(table.above[p], base)
			}
		}
	}
	for _, m := range mounts {
		_, crowded := table.above[m.path]
		m.bare = !crowded
	}
	return table
}

// location is a guest path without links in its directories, and what it is in the
// file system that holds it.
type location struct {
	path  string
	mount *mount
	name  string // for mount.fs
}

// locate finds the mount of a clean absolute path.
func (table *mountTable) locate(clean string) location {
	for _, m := range table.mounts {
		if rest, ok := strings.CutPrefix(clean, m.path); ok {
			switch {
			case rest == "":
				return location{clean, m, "."}
			case m.path == "/":
				return location{clean, m, rest}
			case rest[0] == '/':
				return location{clean, m, rest[1:]}
			}
		}
	}
	panic("vfs: path is not absolute: " + clean)
}

// leadsToMount reports whether the location is a mount point or a directory above
// one, which has to stay.
func (table *mountTable) leadsToMount(at location) bool {
	return at.name == "." || table.above[at.path] != nil
}

// virtual describes a directory that only exists because of the mounts below it.
func (table *mountTable) virtual(at location, err error) (Stat, bool) {
	if n := errno.Of(err); n != errno.ENOENT && n != errno.ENOTDIR || table.above[at.path] == nil {
		return Stat{}, false
	}
	made := TimespecOf(table.made)
	return Stat{
		Dev: memDevice, Ino: 1, Mode: S_IFDIR | 0o755, Nlink: 2, UID: guestUID, GID: guestGID,
		Blksize: 4096, Atim: made, Mtim: made, Ctim: made,
	}, true
}
