package runtimes

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync"

	"github.com/pglite-toolbox/pglite/internal/filelock"
)

// inUse has an open file for each runtime that this program has asked for. Its shared lock, on the runtime's marker,
// keeps Clean away until the program ends.
var inUse = struct {
	sync.Mutex
	markers map[string]*os.File
}{markers: map[string]*os.File{}}

// use marks an unpacked runtime as in use. It reports false when the runtime has been removed meanwhile.
func use(dir string) bool {
	inUse.Lock()
	defer inUse.Unlock()
	name := filepath.Join(dir, MarkerName)
	if f := inUse.markers[dir]; f != nil {
		if filelock.IsOpenAs(f, name) {
			return true
		}
		_ = f.Close()
		delete(inUse.markers, dir)
	}
	f, err := os.Open(name)
	if err != nil {
		return false
	}
	if errors.Is(filelock.TryShare(f), filelock.ErrBusy) || !filelock.IsOpenAs(f, name) {
		_ = f.Close()
		return false
	}
	inUse.markers[dir] = f
	return true
}

// Release lets go of the runtimes below a directory that this program uses: nothing of it may use them any more.
func Release(cache string) {
	inUse.Lock()
	defer inUse.Unlock()
	for dir, f := range inUse.markers {
		if inside, err := filepath.Rel(cache, dir); err != nil || !filepath.IsLocal(inside) {
			continue
		}
		_ = f.Close()
		delete(inUse.markers, dir)
	}
}

// Clean removes the runtimes of a directory, but for those that a running program uses: they are named in the errors.
// It returns how many bytes the removed files had.
func Clean(dir string) (freed int64, failed []error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, []error{err}
	}
	lock, err := lockStore(dir)
	switch {
	case errors.Is(err, filelock.ErrBusy):
		return 0, []error{errors.New("another pglite is unpacking a runtime: wait for it")}
	case err != nil:
		return 0, []error{cannotLock(dir, err)}
	}
	for _, e := range entries {
		if e.Name() == LockName {
			continue
		}
		n, err := removeRuntime(filepath.Join(dir, e.Name()))
		freed += n
		failed = append(failed, err)
	}
	if errors.Join(failed...) != nil {
		_ = lock.Close()
		return freed, failed
	}
	err = os.Remove(lock.Name()) // while it is locked: then whoever waits for it finds out
	_ = lock.Close()
	if err != nil {
		_ = os.Remove(lock.Name()) // Windows removes no open file, ours or another's
	}
	_ = os.Remove(dir)
	return freed, failed
}

func cannotLock(dir string, err error) error {
	return fmt.Errorf("%q may be in use, for files cannot be locked there (%w): remove it yourself when no pglite runs", dir, err)
}

// removeRuntime removes an unpacked runtime unless it is in use: the lock of its marker tells. What has no marker
// nobody uses.
func removeRuntime(dir string) (freed int64, err error) {
	inUse := fmt.Errorf("%q is in use by a running pglite: stop that one first", dir)
	f, err := os.OpenFile(filepath.Join(dir, MarkerName), os.O_RDWR, 0) // to write: NFS wants that for an exclusive lock
	if err == nil {
		defer f.Close()
		switch err := filelock.TryLock(f); {
		case errors.Is(err, filelock.ErrBusy):
			return 0, inUse
		case err != nil:
			return 0, cannotLock(dir, err)
		}
	} else if !errors.Is(err, fs.ErrNotExist) {
		return 0, err
	}
	freed = SizeOf(dir)
	if err = discard(dir); err == nil || f == nil || runtime.GOOS != "windows" {
		return freed, err
	}
	_ = f.Close() // Windows moves no directory with an open file in it; if now somebody else's is open, it is in use
	if discard(dir) != nil {
		return 0, inUse
	}
	return freed, nil
}

// SizeOf adds up the sizes of the files below a directory.
func SizeOf(dir string) (size int64) {
	_ = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return nil
		}
		if info, err := d.Info(); err == nil {
			size += info.Size()
		}
		return nil
	})
	return size
}
