package server

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/pglite-toolbox/pglite/internal/filelock"
)

// socketLock is the file <socket>.lock. As long as it is open it is locked, so that of several servers that start at once and find
// the same stale socket one takes it. Its content is that of PostgreSQL's own, which respects it
// (https://www.postgresql.org/docs/18/storage-file-layout.html, postmaster.pid).
type socketLock struct {
	file *os.File
}

// lockSocket takes the lock of a socket.
func lockSocket(path, dir string, port int) (*socketLock, error) {
	name := path + ".lock"
	for {
		file, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
		if err != nil {
			return nil, fmt.Errorf("socket directory %q: %w", filepath.Dir(path), err)
		}
		if err := filelock.TryLock(file); err != nil {
			if errors.Is(err, filelock.ErrBusy) {
				err = errInUse
			}
			return nil, errors.Join(fmt.Errorf("socket %q: %w", path, err), file.Close())
		}
		if isSame(file, name) {
			l := &socketLock{file}
			return l, l.describe(dir, port)
		}
		_ = file.Close() // its owner has removed it meanwhile
	}
}

func isSame(file *os.File, name string) bool {
	mine, err := file.Stat()
	if err != nil {
		return false
	}
	there, err := os.Stat(name)
	return err == nil && os.SameFile(mine, there)
}

// describe writes who has the lock.
func (l *socketLock) describe(dir string, port int) error {
	if err := l.file.Truncate(0); err != nil {
		return err
	}
	_, err := l.file.WriteAt(fmt.Appendf(nil, "%d\n%s\n%d\n%d\n%s\n", os.Getpid(), dir, time.Now().Unix(), port, dir), 0)
	return err
}

// release removes the file and gives up the lock, in that order.
func (l *socketLock) release() error {
	err := removeLocked(l.file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
