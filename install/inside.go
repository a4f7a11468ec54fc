package install

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pglite-toolbox/pglite/internal/durable"
	"github.com/pglite-toolbox/pglite/internal/filelock"
	"github.com/pglite-toolbox/pglite/internal/plainfile"
)

// workName is the work directory in the cluster's own directory: a PG_VERSION beside it means that the cluster is
// whole, none that its making was interrupted.
const workName = ".pglite-init"

// inside makes the cluster below dir, an empty directory that cannot be replaced, and moves its parts up, PG_VERSION
// last.
func (m *maker) inside(ctx context.Context, dir string) error {
	w, err := newWorkInside(dir)
	if err != nil {
		return err
	}
	if err = m.fill(ctx, w.data()); err == nil {
		err = moveUp(w, dir)
	}
	if err == nil {
		w.close()
		return nil
	}
	_ = w.lock.Close()
	_ = clearInside(dir, false)
	return err
}

// newWorkInside makes the work directory in dir. As soon as it is there nobody can replace dir, and anything else in
// dir means that somebody was faster.
func newWorkInside(dir string) (*work, error) {
	at := filepath.Join(dir, workName)
	if err := os.Mkdir(at, 0o700); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return nil, errMaking(dir)
		}
		return nil, err
	}
	entries, err := os.ReadDir(dir)
	if err == nil && len(entries) != 1 {
		err = errMaking(dir)
	}
	if err != nil {
		_ = os.Remove(at)
		return nil, err
	}
	w, err := lockWork(at)
	if errors.Is(err, errGone) {
		err = errMaking(dir)
	}
	return w, err
}

// moveUp moves the parts of the finished cluster to their place.
func moveUp(w *work, dir string) error {
	entries, err := os.ReadDir(w.data())
	if err != nil {
		return err
	}
	var names []string
	for _, e := range entries {
		if e.Name() != "PG_VERSION" {
			names = append(names, e.Name())
		}
	}
	list := filepath.Join(w.dir, workNames)
	if err := os.WriteFile(list, []byte(strings.Join(names, "\n")), 0o600); err != nil {
		return err
	}
	if err := errors.Join(durable.File(list), durable.Dir(w.dir)); err != nil {
		return err
	}
	for _, name := range names {
		if err := os.Rename(filepath.Join(w.data(), name), filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	info, err := os.Stat(w.data())
	if err != nil {
		return err
	}
	// 0750 by --allow-group-access
	if err := errors.Join(os.Chmod(dir, info.Mode().Perm()), durable.Dir(dir)); err != nil {
		return err
	}
	if err := os.Rename(filepath.Join(w.data(), "PG_VERSION"), filepath.Join(dir, "PG_VERSION")); err != nil {
		return err
	}
	return durable.Dir(dir)
}

// RemoveLeftovers removes what a killed init has left in the directory of a whole cluster; otherwise it does nothing.
// What cannot be removed stays.
func RemoveLeftovers(dir string) {
	if s, err := inspect(dir); err != nil || s != cluster {
		return
	}
	if _, err := os.Lstat(filepath.Join(dir, workName)); err == nil {
		_ = clearInside(dir, true)
	}
}

// clearInside removes what a killed init has left in a cluster's own directory: all of it, or only the work directory
// when the cluster is whole. Where files cannot be locked it removes nothing: the init may be alive.
func clearInside(dir string, whole bool) error {
	at := filepath.Join(dir, workName)
	f, err := os.OpenFile(filepath.Join(at, workLock), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		if _, e := os.Lstat(at); errors.Is(e, fs.ErrNotExist) {
			return errMaking(dir) // it has just gone
		}
		return err
	}
	switch err := filelock.TryLock(f); {
	case errors.Is(err, filelock.ErrBusy):
		_ = f.Close()
		return errMaking(dir)
	case err != nil:
		_ = f.Close()
		return fmt.Errorf("%q may be in use, for files cannot be locked there (%w): when no other pglite makes a "+
			"cluster in it, empty the directory", at, err)
	case !filelock.IsOpenAs(f, f.Name()):
		_ = f.Close()
		return errMaking(dir)
	}
	if !whole {
		if err := removeMoved(dir); err != nil {
			_ = f.Close()
			return fmt.Errorf("clear away what an interrupted init left: %w", err)
		}
	}
	(&work{dir: at, lock: f}).close()
	return nil
}

// removeMoved removes what moveUp has moved, unless there is more: then it is a cluster that has been used and has lost
// its PG_VERSION, or something that is not ours.
func removeMoved(dir string) error {
	list, err := plainfile.Read(filepath.Join(dir, workName), workNames)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	moved := strings.Split(string(list), "\n")
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.Name() != workName && !slices.Contains(moved, e.Name()) {
			return fmt.Errorf("%q is not of it, so the directory may hold a cluster that has lost its PG_VERSION: "+
				"restore a backup, or empty the directory", e.Name())
		}
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	for _, e := range entries {
		if e.Name() == workName {
			continue
		}
		if err := root.RemoveAll(e.Name()); err != nil {
			return err
		}
	}
	return nil
}
