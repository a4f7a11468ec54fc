package vfs

import (
	"path"
	"strings"

	"github.com/pglite-toolbox/pglite/engine/internal/errno"
)

// simple cleans a path that needs no walk to be understood: it is absolute, has
// no "..", which would depend on links, and does not end in a slash or a dot, which
// would demand a directory.
func simple(p string) (string, bool) {
	if p == "/" {
		return p, true
	}
	if strings.HasSuffix(p, "/") || strings.HasSuffix(p, "/.") || strings.Contains(p, "/..") {
		return "", false // "/..x" is rare enough to be walked too
	}
	return path.Clean(p), true
}

// checkPath finds fault with an argument of a Tree's method.
func checkPath(p string) error {
	if err := checkLength(p); err != nil {
		return err
	}
	if p[0] != '/' {
		return errno.EINVAL
	}
	return nil
}

// direct gives the location of a path whose file system can resolve it alone.
func (table *mountTable) direct(p string) (location, bool) {
	clean, ok := simple(p)
	if !ok {
		return location{}, false
	}
	at := table.locate(clean)
	return at, at.mount.bare
}

// needsWalk reports whether the error means that the file system could not
// resolve a name but the Tree may: ELOOP because a file system may give up early.
func needsWalk(err error) bool {
	return err != nil && (IsEscape(err) || errno.Of(err) == errno.ELOOP)
}

// walker resolves a path component by component.
type walker struct {
	table  *mountTable
	follow bool     // a link at the end too
	todo   []string // components to come
	links  int
	at     location // so far: a directory, but at the end
}

// walk finds the location of a path. Everything but the last component has to
// exist and be a directory, or a link to one.
func (table *mountTable) walk(p string, follow bool) (location, error) {
	w := &walker{table: table, follow: follow, at: table.locate("/")}
	w.todo = strings.Split(p[1:], "/")
	for len(w.todo) > 0 {
		if err := w.step(); err != nil {
			return location{}, err
		}
	}
	return w.at, nil
}

func (w *walker) step() error {
	component := w.todo[0]
	w.todo = w.todo[1:]
	switch component {
	case "", ".":
		return nil
	case "..":
		w.at = w.table.locate(path.Dir(w.at.path))
		return nil
	}
	if len(component) > nameMax {
		return errno.ENAMETOOLONG
	}
	next := w.table.locate(path.Join(w.at.path, component))
	if len(w.todo) == 0 && !w.follow {
		w.at = next
		return nil
	}
	return w.enter(next)
}

// enter looks at what is there: a link is followed, anything else is the place to
// go on from, if it is a directory or the end.
func (w *walker) enter(next location) error {
	st, err := w.table.lstat(next)
	switch {
	case errno.Of(err) == errno.ENOENT && w.onlySlashesLeft():
		w.at, w.todo = next, nil
		return nil
	case err != nil:
		return err
	case st.IsSymlink():
		return w.followLink(next)
	case !st.IsDir() && len(w.todo) > 0:
		return errno.ENOTDIR
	}
	w.at = next
	return nil
}

// onlySlashesLeft reports whether the end is reached, but for trailing slashes,
// which a name that is yet to be made may have (mkdir).
func (w *walker) onlySlashesLeft() bool {
	for _, component := range w.todo {
		if component != "" {
			return false
		}
	}
	return true
}

func (w *walker) followLink(link location) error {
	if w.links++; w.links > maxLinks {
		return errno.ELOOP
	}
	target, err := link.mount.fs.Readlink(link.name)
	if err != nil {
		return err
	}
	if err := checkLength(target); err != nil {
		return err
	}
	if target[0] == '/' {
		w.at = w.table.locate("/")
	}
	w.todo = append(strings.Split(target, "/"), w.todo...)
	return nil
}

// lstat describes what is at a location, which may exist for its mounts only.
func (table *mountTable) lstat(at location) (Stat, error) {
	st, err := at.mount.fs.Lstat(at.name)
	if err != nil {
		if virtual, ok := table.virtual(at, err); ok {
			return virtual, nil
		}
	}
	return st, err
}
