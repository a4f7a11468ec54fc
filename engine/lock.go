package engine

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pglite-toolbox/pglite/engine/internal/vfs"
	"github.com/pglite-toolbox/pglite/internal/controlfile"
	"github.com/pglite-toolbox/pglite/internal/filelock"
	"github.com/pglite-toolbox/pglite/internal/plainfile"
)

// lockName is the owner lock's file in the data directory. The lock is the operating system's, on the open file: it
// goes with its process, however that ends, so it is never stale and never stolen. The content only tells who has it.
const lockName = "pglite.lock"

// dirLock is the owner lock of a data directory. A file of its own can be removed or replaced by anybody who tidies up,
// and whoever comes then would lock another file. So the owner locks three things: the directory itself, whatever its
// name becomes; the control file, which no running cluster can do without, which also excludes owners on other machines
// and through hard links; and the lock's file, which tells who it is and excludes an older pglite, which knows nothing
// else. watch renews the file.
type dirLock struct {
	dir    string   // as the caller has named it
	before owner    // the last one that took this lock, or that of the directory that this one is a copy of
	root   *os.Root // dir at the time; all that follows is about this one
	guards []*os.File

	mu      sync.Mutex
	file    *os.File    // the lock's file, nil when it has been given up
	info    os.FileInfo // of file
	written []byte      // its content
	owner   owner
	id      atomic.Pointer[vfs.Identity] // of file
	lost    func(error)                  // is told when another process has the lock's file; nil for nobody

	watching sync.WaitGroup
	stop     chan struct{}
}

// lockAttempts limits how often a directory is opened again because it was replaced while it was locked.
const lockAttempts = 10

// lockDir takes the owner lock of a data directory, or returns a *LockedError. It waits for those who only look.
func lockDir(dir string) (*dirLock, error) {
	return whileProbed(func() (*dirLock, error) { return lockDirNow(dir) })
}

// whileProbed tries again for probePatience to take a lock that is taken.
func whileProbed(take func() (*dirLock, error)) (l *dirLock, err error) {
	const tries = 20
	for range tries {
		if l, err = take(); !errors.Is(err, ErrLocked) {
			break
		}
		time.Sleep(probePatience / tries)
	}
	return l, err
}

// lockDirNow is lockDir that does not wait.
func lockDirNow(dir string) (*dirLock, error) {
	for range lockAttempts {
		l, err := tryLockDir(dir)
		if err != nil {
			var locked *LockedError
			if !errors.As(err, &locked) {
				err = fmt.Errorf("lock data directory %q: %w", dir, err)
			}
			return nil, err
		}
		if l.isAt(dir) {
			l.watching.Go(l.watch)
			return l, nil
		}
		l.release()
	}
	return nil, fmt.Errorf("lock data directory %q: it is replaced again and again", dir)
}

func tryLockDir(dir string) (_ *dirLock, err error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	l := &dirLock{dir: dir, root: root, stop: make(chan struct{})}
	l.owner = owner{PID: os.Getpid(), Started: time.Now().UTC(), Inode: inodeOf(root)}
	defer func() {
		if errors.Is(err, filelock.ErrBusy) {
			o := readOwner(dir)
			err = &LockedError{Dir: dir, PID: o.PID, Ending: o.Ending, Alone: o.Alone}
		}
		if err != nil {
			l.release()
		}
	}()
	if l.guards, err = lockGuards(root, filelock.TryLock); err != nil {
		return nil, err
	}
	l.before = ownerIn(root)
	return l, l.takeFile()
}

// lockGuards locks what is there whatever becomes of the lock's file, as far as the file system can lock it. The files
// that it returns are locked even when there is an error. Whoever finds one busy has touched nothing of the owner's.
func lockGuards(root *os.Root, lock func(*os.File) error) (guards []*os.File, err error) {
	for _, open := range []func() (*os.File, error){
		func() (*os.File, error) { return root.Open(".") },
		func() (*os.File, error) { return plainfile.OpenIn(root, controlfile.Name, os.O_RDWR) },
	} {
		f, err := open()
		if err != nil {
			continue // a damaged cluster is for others to tell of
		}
		if err = lock(f); err == nil {
			guards = append(guards, f)
			continue
		}
		_ = f.Close()
		if !errors.Is(err, filelock.ErrUnsupported) {
			return guards, err
		}
	}
	return guards, nil
}

// isAt reports whether dir is still the directory that is locked.
func (l *dirLock) isAt(dir string) bool {
	here, err := l.root.Stat(".")
	if err != nil {
		return false
	}
	there, err := os.Stat(dir)
	return err == nil && os.SameFile(here, there)
}

// openRoot opens the directory that is locked, whatever is at its name by now; without a lock it opens dir. It fails
// with ErrClosed after unlock: what is at the name then may be anybody's.
func (l *dirLock) openRoot(dir string) (*os.Root, error) {
	if l == nil {
		return os.OpenRoot(dir)
	}
	root, err := l.root.OpenRoot(".")
	if errors.Is(err, os.ErrClosed) {
		return nil, ErrClosed
	}
	return root, err
}

// takeFile locks the lock's file and writes the owner into it. One that was removed or replaced meanwhile is tried
// again.
func (l *dirLock) takeFile() error {
	for range lockAttempts {
		f, err := plainfile.OpenIn(l.root, lockName, os.O_RDWR|os.O_CREATE)
		if err != nil {
			return err
		}
		if err = filelock.TryLock(f); err != nil {
			_ = f.Close()
			return err
		}
		info, err := f.Stat()
		if err == nil && l.named(info) {
			l.mu.Lock()
			defer l.mu.Unlock()
			if l.file != nil {
				_ = l.file.Close()
			}
			l.file, l.info = f, info
			if id, ok := vfs.IdentityOf(f); ok {
				l.id.Store(&id)
			}
			return l.write()
		}
		_ = f.Close()
		if err != nil {
			return err
		}
	}
	return errors.New("its " + lockName + " is replaced again and again")
}

// identity returns which file the lock's is. Safe for nil.
func (l *dirLock) identity() (vfs.Identity, bool) {
	if l == nil {
		return vfs.Identity{}, false
	}
	id := l.id.Load()
	if id == nil {
		return vfs.Identity{}, false
	}
	return *id, true
}

// named reports whether a file has the lock's name.
func (l *dirLock) named(info os.FileInfo) bool {
	there, err := l.root.Lstat(lockName)
	return err == nil && os.SameFile(there, info)
}

// write writes the owner into the file; mu is held.
func (l *dirLock) write() (err error) {
	if l.written, err = l.owner.content(); err != nil {
		return err
	}
	if _, err = l.file.WriteAt(l.written, 0); err != nil {
		return err
	}
	return l.file.Truncate(int64(len(l.written)))
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
	return l.write()
}

// onLoss names who is told when another process has taken the data directory. Safe for nil.
func (l *dirLock) onLoss(tell func(error)) {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lost = tell
}

// ownerPatience is how long Owner waits for an owner to renew a file that somebody has removed or emptied.
const ownerPatience = 3 * watchInterval

// Owner returns the process identifier of the pglite that has the data directory open, and the socket at which others
// attach to it, "" when they cannot. ok is false when none has. A process identifier of 0 means that the owner does not
// say who it is. It changes nothing.
func Owner(dir string) (pid int, socket string, ok bool) {
	for deadline := time.Now().Add(ownerPatience); ; time.Sleep(releasePause) {
		if !isOwned(dir) { // a killed process leaves the content, never the lock
			return 0, "", false
		}
		if o := readOwner(dir); o.PID != 0 || time.Now().After(deadline) {
			return o.PID, o.Socket, true
		}
	}
}

// isOwned reports whether somebody has the lock. It never makes the lock's file.
func isOwned(dir string) bool {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return false
	}
	defer root.Close()
	guards, err := lockGuards(root, filelock.TryShare)
	closeAll(guards)
	if errors.Is(err, filelock.ErrBusy) {
		return true
	}
	file, err := plainfile.OpenIn(root, lockName, os.O_RDWR)
	if err != nil {
		return false
	}
	defer file.Close()
	return errors.Is(filelock.TryShare(file), filelock.ErrBusy)
}

func closeAll(files []*os.File) {
	for _, f := range files {
		_ = f.Close()
	}
}

// unlock gives the lock up. The file stays: removing it would let two processes lock different files of one name. So
// does its content: who finds the file still locked must not take us for a newcomer. Safe for nil, and
// more than once.
func (l *dirLock) unlock() {
	if l == nil {
		return
	}
	l.mu.Lock()
	held := l.file != nil
	l.mu.Unlock()
	if held {
		close(l.stop)
		l.watching.Wait()
	}
	l.release()
}

func (l *dirLock) release() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file != nil {
		_ = l.file.Close() // before the guards: until they are free nobody else looks for it
		l.file = nil
	}
	closeAll(l.guards)
	l.guards = nil
	_ = l.root.Close()
}

// removeOther removes what has taken the lock's name and is no file that can be locked: a link, a FIFO, an empty
// directory.
func (l *dirLock) removeOther() error {
	info, err := l.root.Lstat(lockName)
	if err != nil || info.Mode().IsRegular() {
		return nil //nolint:nilerr // there is nothing to remove
	}
	if err := l.root.Remove(lockName); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s is no regular file: remove it", filepath.Join(l.dir, lockName))
	}
	return nil
}
