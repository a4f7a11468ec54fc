package engine

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pglite-toolbox/pglite/internal/filelock"
)

// Who only looks whether there is an owner must not find another who looks, nor leave a trace of itself.
func TestOwnerLooksOnly(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	l, err := lockDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if pid, socket, ok := Owner(dir); pid != os.Getpid() || socket != "" || !ok {
		t.Errorf("got %d, %q, %t", pid, socket, ok)
	}
	where, err := privateSocket(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.describe(func(o *owner) { o.Socket = where }); err != nil {
		t.Fatal(err)
	}
	if pid, socket, ok := Owner(dir); pid != os.Getpid() || socket != where || !ok {
		t.Errorf("got %d, %q, %t", pid, socket, ok)
	}
	l.unlock()
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 500 {
				if pid, _, ok := Owner(dir); ok {
					t.Errorf("%d owns what it has given up", pid)
					return
				}
			}
		})
	}
	all.Wait()
}

// What the file says of an owner that has gone stays: an empty file would be taken for an owner that has just come.
func TestUnlockLeavesContent(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	l, err := lockDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	before := readOwner(dir)
	l.unlock()
	if after := readOwner(dir); !after.same(before) || after.PID != os.Getpid() {
		t.Errorf("got %+v, before %+v", after, before)
	}
	if err := l.describe(func(o *owner) { o.Ending = true }); err != nil {
		t.Error(err)
	}
	if after := readOwner(dir); !after.same(before) {
		t.Errorf("it speaks after its end: %+v", after)
	}
}

func TestLockedErrors(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		change func(*owner)
		want   string
	}{
		{func(*owner) {}, "stop that one first"},
		{func(o *owner) { o.Ending = true }, "which is shutting down: wait for its end"},
		{func(o *owner) { o.Alone = "no room" }, "which others cannot attach to (no room): stop that one first"},
	} {
		dir := t.TempDir()
		l, err := lockDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		if err := l.describe(test.change); err != nil {
			t.Fatal(err)
		}
		if _, err := lockDir(dir); !errors.Is(err, ErrLocked) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("got %v, want %q in it", err, test.want)
		}
		l.unlock()
	}
}

func TestOwnersAreTheSame(t *testing.T) {
	t.Parallel()
	now := time.Now()
	o := owner{PID: 1, Started: now, Socket: "s"}
	for _, test := range []struct {
		other owner
		want  bool
	}{
		{owner{PID: 1, Started: now.Round(0).UTC(), Socket: "s"}, true},
		{owner{PID: 2, Started: now, Socket: "s"}, false},
		{owner{PID: 1, Started: now.Add(1), Socket: "s"}, false},
		{owner{PID: 1, Started: now}, false},
		{owner{PID: 1, Started: now, Socket: "s", Ending: true}, false},
	} {
		if got := o.same(test.other); got != test.want {
			t.Errorf("%+v: %t", test.other, got)
		}
	}
}

// TestLockFollowsNoLink opens directories whose lock's file leads to a file of the host.
func TestLockFollowsNoLink(t *testing.T) {
	t.Parallel()
	victim := filepath.Join(t.TempDir(), "victim")
	if err := os.WriteFile(victim, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.Symlink(victim, filepath.Join(dir, lockName)); err != nil {
		t.Skipf("SKIPPED: no symbolic links here: %v", err)
	}
	if _, err := lockDir(dir); err == nil || !strings.Contains(err.Error(), "no regular file") {
		t.Errorf("error %v", err)
	}
	if content, err := os.ReadFile(victim); err != nil || string(content) != "precious" {
		t.Errorf("the file is now %q, %v", content, err)
	}
}

// TestLockWaitsForLookers: who only looks whether there is an owner has the lock for a moment, and is none.
func TestLockWaitsForLookers(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	guards, err := lockGuards(root, filelock.TryShare)
	if err != nil {
		t.Fatal(err)
	}
	if len(guards) == 0 {
		t.Skip("SKIPPED, NOTHING WAS TESTED: directories cannot be locked here")
	}
	tries := 0
	l, err := whileProbed(func() (*dirLock, error) {
		l, err := lockDirNow(dir)
		if tries++; tries == 1 && !errors.Is(err, ErrLocked) {
			t.Errorf("while somebody looks: %v", err)
		}
		closeAll(guards)
		return l, err
	})
	if err != nil {
		t.Fatalf("after %d tries: %v", tries, err)
	}
	l.unlock()
}
