// Package partial names files and directories while they are made. One that is whole gets its name; one whose maker was
// killed is removed by the next that makes a file of the same name.
package partial

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/pglite-toolbox/pglite/internal/filelock"
)

// infix stands between the name and what is random.
const infix = ".partial-"

// Path is a file or a directory that is being made. It is locked, so that nobody takes it for one whose maker is gone.
type Path struct {
	Name string // while it is made
	file *os.File
}

// NewFile makes an empty file for its owner alone, in the directory of the name that it will have.
func NewFile(name string) (*Path, error) {
	return newPath(name, func(at string) (*os.File, error) { return os.OpenFile(at, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600) })
}

// NewDir makes an empty directory.
func NewDir(name string) (*Path, error) {
	return newPath(name, func(at string) (*os.File, error) {
		if err := os.Mkdir(at, 0o700); err != nil {
			return nil, err
		}
		return os.Open(at)
	})
}

func newPath(name string, create func(string) (*os.File, error)) (*Path, error) {
	sweep(name)
	for {
		at := filepath.Join(filepath.Dir(name), "."+filepath.Base(name)+infix+rand.Text()[:8])
		f, err := create(at)
		if path := (*fs.PathError)(nil); errors.As(err, &path) {
			err = path.Err // nobody knows the other name
		}
		if err != nil {
			return nil, err
		}
		// Where there are no locks nothing is swept either.
		if !errors.Is(filelock.TryLock(f), filelock.ErrBusy) && same(f, at) {
			return &Path{at, f}, nil
		}
		_ = f.Close() // one that sweeps was faster
	}
}

// same reports whether a name leads to an open file.
func same(f *os.File, name string) bool {
	here, err := f.Stat()
	if err != nil {
		return false
	}
	there, err := os.Lstat(name)
	return err == nil && os.SameFile(here, there)
}

// File returns the open file.
func (p *Path) File() *os.File { return p.file }

// Discard removes what is there under the name that it has while it is made. After that name is gone it only closes.
func (p *Path) Discard() {
	_ = os.RemoveAll(p.Name)
	_ = p.file.Close()
	_ = os.RemoveAll(p.Name) // where an open file keeps its name
}

// sweep removes what makers of the name have left who are gone.
func sweep(name string) {
	dir, prefix := filepath.Dir(name), "."+filepath.Base(name)+infix
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), prefix) && len(e.Name()) == len(prefix)+8 && (e.IsDir() || e.Type().IsRegular()) {
			remove(filepath.Join(dir, e.Name()))
		}
	}
}

// remove removes what nobody has locked.
func remove(name string) {
	f, err := open(name)
	if err != nil {
		return
	}
	free := filelock.TryLock(f) == nil
	if free {
		_ = os.RemoveAll(name)
	}
	_ = f.Close()
	if free {
		_ = os.RemoveAll(name) // where an open file keeps its name
	}
}

// open opens a file to write, which some file systems want for a lock, or a directory.
func open(name string) (*os.File, error) {
	f, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		f, err = os.Open(name)
	}
	return f, err
}
