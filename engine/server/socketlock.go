package server

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/pglite-toolbox/pglite/internal/filelock"
)

// socketLock is the file <socket>.lock. It is locked while it is open, so that only one of several servers that
// start at once takes a stale socket. Its content is that of PostgreSQL's own, which respects it
// (https://www.postgresql.org/docs/18/storage-file-layout.html, postmaster.pid). The other way round, PostgreSQL takes
// no lock of the operating system: a file that names a process which lives, and is not ours by its last line, is left
// as it is.
type socketLock struct {
	file *os.File
	ours bool // made, or written over, by us
}

// ownLine ends the content of a file that a pglite has written; PostgreSQL does not read so far.
const ownLine = "pglite"

// mostAttempts is how often the file may come and go while we look.
const mostAttempts = 1000

// lockSocket takes the lock of a socket. It writes nothing; describe does.
func lockSocket(path string) (*socketLock, error) {
	name := path + ".lock"
	for attempt := 0; ; attempt++ {
		l, err := openLock(name)
		if errors.Is(err, fs.ErrExist) && attempt < mostAttempts {
			continue // it has come meanwhile
		}
		if err != nil {
			return nil, fmt.Errorf("socket directory %q: %w", filepath.Dir(path), err)
		}
		if err := filelock.TryLock(l.file); err != nil {
			if errors.Is(err, filelock.ErrBusy) {
				err = errInUse
			}
			return nil, errors.Join(fmt.Errorf("socket %q: %w", path, err), l.file.Close())
		}
		if !filelock.IsOpenAs(l.file, name) {
			_ = l.file.Close() // its owner has removed it meanwhile
			continue
		}
		if pid := l.foreigner(); pid != 0 {
			return nil, errors.Join(fmt.Errorf("socket %q: its lock file names process %d: %w", path, pid, errInUse),
				l.file.Close())
		}
		return l, nil
	}
}

// openLock opens the file, or makes it.
func openLock(name string) (*socketLock, error) {
	file, err := os.OpenFile(name, os.O_RDWR, 0)
	if err == nil || !errors.Is(err, fs.ErrNotExist) {
		return &socketLock{file: file}, err
	}
	file, err = os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	return &socketLock{file: file, ours: true}, err
}

// foreigner returns the process that the file names if it is alive and no pglite, else 0. That of a pglite is dead: we
// have its lock. So is one with our own identifier, as the first process of a container has it each time.
func (l *socketLock) foreigner() int {
	content := make([]byte, 8<<10)
	n, _ := l.file.ReadAt(content, 0)
	lines := strings.Split(strings.TrimSpace(string(content[:n])), "\n")
	pid, err := strconv.Atoi(lines[0])
	if err != nil || lines[len(lines)-1] == ownLine {
		return 0
	}
	// negative: of a server in single-user mode
	if pid = max(pid, -pid); pid == os.Getpid() || pid == os.Getppid() || !lives(pid) {
		return 0
	}
	return pid
}

// describe writes who has the lock.
func (l *socketLock) describe(dir string, port int) error {
	l.ours = true
	if err := l.file.Truncate(0); err != nil {
		return err
	}
	_, err := l.file.WriteAt(fmt.Appendf(nil, "%d\n%s\n%d\n%d\n%s\n%s\n", os.Getpid(), dir, time.Now().Unix(), port,
		dir, ownLine), 0)
	return err
}

// release gives up the lock and removes the file, if it is ours.
func (l *socketLock) release() error {
	if !l.ours {
		return l.file.Close()
	}
	err := removeLocked(l.file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
