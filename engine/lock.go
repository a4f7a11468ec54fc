package engine

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/pglite-toolbox/pglite/internal/filelock"
	"github.com/pglite-toolbox/pglite/internal/plainfile"
)

// lockName is the owner lock's file in the data directory. The lock is the operating system's, on the open file: it goes with its
// process, however that ends, so it is never stale and never stolen. The content only tells who has it.
const lockName = "pglite.lock"

type dirLock struct {
	mu    sync.Mutex
	file  *os.File // nil when it has been given up
	owner owner
}

// owner is the content of the lock's file. The last owner's stays there.
type owner struct {
	PID     int       `json:"pid"`
	Started time.Time `json:"started"`
	Socket  string    `json:"socket,omitempty"` // where other processes attach; empty when they cannot
	Alone   string    `json:"alone,omitempty"`  // why they cannot
	Ending  bool      `json:"ending,omitempty"` // it lets nobody in any more: it is shutting down
}

// same reports whether nothing has changed.
func (o owner) same(p owner) bool {
	started := o.Started.Equal(p.Started)
	o.Started, p.Started = time.Time{}, time.Time{}
	return started && o == p
}

// lockDir takes the owner lock of a data directory, or returns a *LockedError.
func lockDir(dir string) (*dirLock, error) {
	file, err := plainfile.Open(dir, lockName, os.O_RDWR|os.O_CREATE)
	if err != nil {
		return nil, fmt.Errorf("lock data directory %q: %w", dir, err)
	}
	if err := filelock.TryLock(file); err != nil {
		defer file.Close()
		if errors.Is(err, filelock.ErrBusy) {
			o := readOwner(dir)
			return nil, &LockedError{Dir: dir, PID: o.PID, Ending: o.Ending, Alone: o.Alone}
		}
		return nil, fmt.Errorf("lock data directory %q: %w", dir, err)
	}
	l := &dirLock{file: file, owner: owner{PID: os.Getpid(), Started: time.Now().UTC()}}
	if err := l.describe(func(*owner) {}); err != nil {
		_ = file.Close()
		return nil, fmt.Errorf("write the owner of data directory %q: %w", dir, err)
	}
	return l, nil
}

// describe writes what has changed about who has the lock. Safe for nil, and after unlock.
func (l *dirLock) describe(change func(*owner)) error {
	if l == nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file == nil {
		return nil
	}
	change(&l.owner)
	content, err := json.Marshal(l.owner)
	if err != nil {
		return err
	}
	if err := l.file.Truncate(0); err != nil {
		return err
	}
	_, err = l.file.WriteAt(append(content, '\n'), 0)
	return err
}

// Owner returns the process identifier of the pglite that has the data directory open, and the socket at which others attach to it, ""
// when they cannot. ok is false when none has. It changes nothing.
func Owner(dir string) (pid int, socket string, ok bool) {
	o := readOwner(dir)
	if o.PID == 0 {
		return 0, "", false
	}
	file, err := plainfile.Open(dir, lockName, os.O_RDWR)
	if err != nil {
		return 0, "", false
	}
	defer file.Close()
	if !errors.Is(filelock.TryShare(file), filelock.ErrBusy) { // a killed process leaves the content, never the lock
		return 0, "", false
	}
	return o.PID, o.Socket, true
}

// readOwner returns what the lock's file of a data directory says, nothing when it cannot be read.
func readOwner(dir string) (o owner) {
	b, err := plainfile.Read(dir, lockName)
	if err != nil || json.Unmarshal(b, &o) != nil {
		return owner{}
	}
	return o
}

// unlock gives the lock up. The file stays: removing it would let two processes lock different files of one name. So does its content:
// who finds the file still locked shall not take us for somebody who has just come.
func (l *dirLock) unlock() {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file != nil {
		_ = l.file.Close()
		l.file = nil
	}
}
