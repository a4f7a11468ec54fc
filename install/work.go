package install

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/pglite-toolbox/pglite/internal/filelock"
)

// work is the temporary directory in which a cluster is made.
//
//	DIR/lock   locked as long as its maker lives: what is not locked, a killed program has left
//	DIR/data/  the cluster
//	DIR/names  (in the cluster's own directory only) the names that will be moved up
type work struct {
	dir  string
	lock *os.File
}

const (
	workLock  = "lock"
	workData  = "data"
	workNames = "names"
)

func (w *work) data() string { return filepath.Join(w.dir, workData) }

// workPrefix is how the names of work directories beside a data directory begin.
func workPrefix(base string) string { return "." + base + ".pglite-new-" }

// clearBeside removes the work directories beside a data directory whose makers are gone.
func clearBeside(dir string) {
	parent, prefix := filepath.Dir(dir), workPrefix(filepath.Base(dir))
	entries, err := os.ReadDir(parent)
	if err != nil {
		return
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), prefix) && e.IsDir() {
			clearWork(filepath.Join(parent, e.Name()))
		}
	}
}

// newWork makes a work directory in parent.
func newWork(parent, prefix string) (*work, error) {
	for {
		dir, err := os.MkdirTemp(parent, prefix)
		if err != nil {
			return nil, err
		}
		w, err := lockWork(dir)
		if !errors.Is(err, errGone) {
			return w, err
		}
	}
}

// errGone tells that a fresh directory was cleared away before it was locked.
var errGone = errors.New("the work directory is gone")

// lockWork locks a directory that was just made.
func lockWork(dir string) (*work, error) {
	name := filepath.Join(dir, workLock)
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errGone
	}
	if err != nil {
		return nil, err
	}
	w := &work{dir: dir, lock: f}
	if err := filelock.TryLock(f); err != nil && errors.Is(err, filelock.ErrBusy) {
		_ = f.Close()
		return nil, errGone // the one that clears is at it
	}
	if !filelock.IsOpenAs(f, name) {
		_ = f.Close()
		return nil, errGone
	}
	return w, nil
}

// close removes the directory with what is left in it.
func (w *work) close() {
	_ = os.RemoveAll(w.data())
	_ = os.Remove(filepath.Join(w.dir, workNames))
	_ = os.Remove(filepath.Join(w.dir, workLock)) // fails on Windows, where it is open
	_ = w.lock.Close()
	_ = os.RemoveAll(w.dir)
}

// clearWork removes a work directory whose maker is gone. One without a lock file was just made or is all but removed.
func clearWork(dir string) {
	f, err := os.OpenFile(filepath.Join(dir, workLock), os.O_RDWR, 0)
	if err != nil {
		_ = os.Remove(dir) // if it is empty
		return
	}
	if filelock.TryLock(f) != nil {
		_ = f.Close()
		return
	}
	(&work{dir: dir, lock: f}).close()
}

// errBusy is in errMaking's errors.
var errBusy = errors.New("another pglite is making a cluster")

// errMaking tells that another program makes a cluster in the same directory, or did so a moment ago.
func errMaking(dir string) error { return fmt.Errorf("%w in %q: wait for it", errBusy, dir) }
