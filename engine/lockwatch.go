package engine

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	"github.com/pglite-toolbox/pglite/internal/filelock"
)

// watchInterval is how often an owner looks after the lock's file, and takeAttempts how many times in a row another
// process must have that file before the owner gives up: one that only asks whether there is an owner has it for a
// moment.
const (
	watchInterval = 500 * time.Millisecond
	takeAttempts  = 20
	takePause     = 25 * time.Millisecond
)

// errTaken tells that an older pglite, which knows of the lock's file only, owns the data directory as well: someone
// has removed or replaced the file.
var errTaken = errors.New("another process has taken the data directory: " + lockName +
	" was removed or replaced while it was in use")

// watch keeps the lock's file in place until unlock: newcomers find the owner by it, and older versions of pglite know
// no other lock.
func (l *dirLock) watch() {
	ticker := time.NewTicker(watchInterval)
	defer ticker.Stop()
	for {
		select {
		case <-l.stop:
			return
		case <-ticker.C:
		}
		if l.inPlace() {
			l.beat()
			continue
		}
		if err := l.renew(); errors.Is(err, filelock.ErrBusy) {
			l.mu.Lock()
			tell := l.lost
			l.mu.Unlock()
			if tell != nil {
				tell(fmt.Errorf("data directory %q: %w", l.dir, errTaken))
			}
			return
		}
	}
}

// beat tells those who wait for a start that it goes on.
func (l *dirLock) beat() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.owner.Starting > 0 {
		l.owner.Starting++
		_ = l.write() // else they wait less long
	}
}

// inPlace reports whether the lock's file is ours and says what we wrote.
func (l *dirLock) inPlace() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.named(l.info) {
		return false
	}
	content := make([]byte, len(l.written)+1)
	n, _ := l.file.ReadAt(content, 0)
	return bytes.Equal(content[:n], l.written)
}

// renew writes the lock's file again, or makes a new one. It returns filelock.ErrBusy when another process keeps its
// own.
func (l *dirLock) renew() (err error) {
	for range takeAttempts {
		l.mu.Lock()
		ours := l.named(l.info)
		if ours {
			err = l.write()
		}
		l.mu.Unlock()
		if ours {
			return err
		}
		if err = l.removeOther(); err == nil {
			err = l.takeFile()
		}
		if !errors.Is(err, filelock.ErrBusy) {
			return err
		}
		select {
		case <-l.stop:
			return nil
		case <-time.After(takePause):
		}
	}
	return err
}
