package engine

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/pglite-toolbox/pglite/internal/controlfile"
	"github.com/pglite-toolbox/pglite/internal/filelock"
)

// fakeCluster is a directory with a control file, which is all that the lock knows of.
func fakeCluster(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "data")
	control := filepath.Join(dir, filepath.FromSlash(controlfile.Name))
	if err := os.MkdirAll(filepath.Dir(control), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(control, make([]byte, 8192), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

// untilTrue waits for what a lock's owner does by and by.
func untilTrue(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !is(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("it never came true that %s", what)
		}
	}
}

// mishaps are what people and programs do to the lock's file of a running owner.
var mishaps = map[string]func(dir, lock string) error{
	"removed":     func(_, lock string) error { return os.Remove(lock) },
	"emptied":     func(_, lock string) error { return os.Truncate(lock, 0) },
	"cut":         func(_, lock string) error { return os.Truncate(lock, 5) },
	"overwritten": func(_, lock string) error { return os.WriteFile(lock, []byte(strings.Repeat("x", 10_000)), 0o600) },
	"replaced": func(dir, lock string) error { // as sed -i does
		return errors.Join(os.WriteFile(filepath.Join(dir, "sedXXXX"), []byte("{}"), 0o600), os.Rename(filepath.Join(dir, "sedXXXX"), lock))
	},
	"renamed": func(dir, lock string) error { return os.Rename(lock, filepath.Join(dir, "pglite.lock.old")) },
	"a directory instead": func(_, lock string) error {
		return errors.Join(os.Remove(lock), os.Mkdir(lock, 0o700))
	},
	"a link instead": func(dir, lock string) error {
		return errors.Join(os.Remove(lock), os.Symlink(filepath.Join(dir, "elsewhere"), lock))
	},
}

// TestLockOutlivesItsFile: whatever becomes of the file, there is no second owner, and the file comes back.
func TestLockOutlivesItsFile(t *testing.T) {
	for name, mishap := range mishaps {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := fakeCluster(t)
			l, err := lockDir(dir)
			if err != nil {
				t.Fatal(err)
			}
			defer l.unlock()
			if err := mishap(dir, filepath.Join(dir, lockName)); err != nil {
				t.Skipf("SKIPPED, NOTHING WAS TESTED: %v", err)
			}
			if _, err := lockDir(dir); !errors.Is(err, ErrLocked) {
				t.Fatalf("a second owner: %v", err)
			}
			if pid, _, ok := Owner(dir); !ok || pid != os.Getpid() {
				t.Errorf("owner %d, %t", pid, ok)
			}
			untilTrue(t, "the file excludes an older pglite", func() bool {
				f, err := os.OpenFile(filepath.Join(dir, lockName), os.O_RDWR, 0)
				if err != nil {
					return false
				}
				defer f.Close()
				return errors.Is(filelock.TryShare(f), filelock.ErrBusy) && readOwner(dir).same(l.owner)
			})
		})
	}
}

// TestLockIsTheDirectorys: the lock goes where the directory goes.
func TestLockIsTheDirectorys(t *testing.T) {
	dir := fakeCluster(t)
	l, err := lockDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer l.unlock()
	moved := dir + "-moved"
	if err := os.Rename(dir, moved); err != nil {
		t.Skipf("SKIPPED, NOTHING WAS TESTED: %v", err)
	}
	if _, err := lockDir(moved); !errors.Is(err, ErrLocked) {
		t.Errorf("a second owner under the new name: %v", err)
	}
	if err := os.CopyFS(dir, os.DirFS(moved)); err != nil {
		t.Fatal(err)
	}
	other, err := lockDir(dir)
	if err != nil {
		t.Fatalf("a copy is a cluster of its own: %v", err)
	}
	other.unlock()
	root, err := l.openRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	here, _ := root.Stat(".")
	if there, _ := os.Stat(moved); !os.SameFile(here, there) {
		t.Error("the owner works on the copy")
	}
}

// TestDataRootBesideClose: the directory that the server runs on can be opened until the server is closed, and nothing
// that has its name by then.
func TestDataRootBesideClose(t *testing.T) {
	t.Parallel()
	dir := fakeCluster(t)
	l, err := lockDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	s := &ownServer{guest: &guest{cfg: Config{DataDir: dir}, lock: l}}
	opened := make(chan error, 1)
	go func() {
		for {
			root, err := s.dataRoot()
			if err != nil {
				opened <- err
				return
			}
			_ = root.Close()
		}
	}()
	s.guest.close()
	select {
	case err := <-opened:
		if !errors.Is(err, ErrClosed) {
			t.Error(err)
		}
	case <-time.After(time.Minute):
		t.Error("the directory can be opened by its name")
	}
}

// TestLockOfHardLinks: a copy whose files are the same files has the same owner.
func TestLockOfHardLinks(t *testing.T) {
	dir := fakeCluster(t)
	twin := filepath.Join(t.TempDir(), "twin")
	if err := os.MkdirAll(filepath.Join(twin, "global"), 0o700); err != nil {
		t.Fatal(err)
	}
	control := filepath.FromSlash(controlfile.Name)
	if err := os.Link(filepath.Join(dir, control), filepath.Join(twin, control)); err != nil {
		t.Skipf("SKIPPED, NOTHING WAS TESTED: %v", err)
	}
	l, err := lockDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer l.unlock()
	if _, err := lockDir(twin); !errors.Is(err, ErrLocked) {
		t.Errorf("a second owner of the same files: %v", err)
	}
}

// TestOlderOwner: an older pglite locks the file only.
func TestOlderOwner(t *testing.T) {
	dir := fakeCluster(t)
	name := filepath.Join(dir, lockName)
	old := func() *os.File {
		f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = f.Close() })
		return f
	}
	first := old()
	if err := filelock.TryLock(first); err != nil {
		t.Fatal(err)
	}
	if _, err := lockDir(dir); !errors.Is(err, ErrLocked) {
		t.Errorf("a second owner beside an older one: %v", err)
	}
	_ = first.Close()
	l, err := lockDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer l.unlock()
	if err := filelock.TryLock(old()); !errors.Is(err, filelock.ErrBusy) {
		t.Errorf("an older one beside the owner: %v", err)
	}
	lost := make(chan error, 1)
	l.onLoss(func(err error) { lost <- err })
	if err := os.Remove(name); err != nil {
		t.Skipf("SKIPPED: %v", err)
	}
	if err := filelock.TryLock(old()); err != nil { // before the owner has seen that its file is gone
		t.Skipf("SKIPPED: the owner was faster: %v", err)
	}
	select {
	case err := <-lost:
		if !errors.Is(err, errTaken) || !strings.Contains(err.Error(), dir) {
			t.Errorf("told %v", err)
		}
	case <-time.After(time.Minute):
		t.Error("the owner goes on beside an older one")
	}
}

// TestOwnerIsNotBelieved: the file's content may be anybody's.
func TestOwnerIsNotBelieved(t *testing.T) {
	dir := fakeCluster(t)
	good, err := privateSocket(dir)
	if err != nil {
		t.Fatal(err)
	}
	open := filepath.Join(t.TempDir(), "pglite")
	if err := errors.Join(os.Mkdir(open, 0o755), os.Chmod(open, 0o755)); err != nil {
		t.Fatal(err)
	}
	base := filepath.Base(good)
	for _, test := range []struct{ said, want string }{
		{good, good},
		{good + "-4711-1", good + "-4711-1"},
		{"/var/run/docker.sock", ""},
		{filepath.Join(filepath.Dir(good), "agent"), ""},
		{filepath.Join(filepath.Dir(good), "..", filepath.Base(filepath.Dir(good)), base), good},
		{filepath.Dir(good) + "/../" + base, ""},
		{filepath.Join(open, base), ""},
		{filepath.Join(t.TempDir(), base), ""},
		{base, ""},
	} {
		content, err := owner{PID: 1, Socket: test.said}.content()
		if err != nil {
			t.Fatal(err)
		}
		if got := parseOwner(content).Socket; got != test.want && runtime.GOOS != "windows" {
			t.Errorf("%s: taken for %q, want %q", test.said, got, test.want)
		}
	}
	for _, hostile := range []string{"\x1b]0;owned\a", "a\nb", "\xff", strings.Repeat("é", 1000), "\u202e"} {
		content, err := owner{PID: 1, Alone: hostile}.content()
		if err != nil {
			t.Fatal(err)
		}
		said := (&LockedError{Alone: parseOwner(content).Alone}).Error()
		if strings.ContainsAny(said, "\x1b\a\n\u202e") || len(said) > 1000 {
			t.Errorf("printed %q", said)
		}
	}
	for _, nothing := range []string{"", "null", "[]", "{\"pid\": -1}", "{\"pid\": \"x\"}", "{"} {
		if o := parseOwner([]byte(nothing)); o != (owner{}) {
			t.Errorf("%q: %+v", nothing, o)
		}
	}
}
