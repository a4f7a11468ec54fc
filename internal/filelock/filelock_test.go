package filelock

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestLocks(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "lock")
	open := func() *os.File {
		f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = f.Close() })
		return f
	}
	first, second, third := open(), open(), open()
	steps := []struct {
		what string
		do   func() error
		want error
	}{
		{"the first locks", func() error { return TryLock(first) }, nil},
		{"the second cannot", func() error { return TryLock(second) }, ErrBusy},
		{"nor share", func() error { return TryShare(second) }, ErrBusy},
		{"the first closes", first.Close, nil},
		{"the second shares", func() error { return TryShare(second) }, nil},
		{"the third too", func() error { return TryShare(third) }, nil},
		{"it cannot have it alone", func() error { return TryLock(open()) }, ErrBusy},
		{"the second closes", second.Close, nil},
		{"the third closes", third.Close, nil},
		{"the lock is free", func() error { return TryLock(open()) }, nil},
	}
	for _, step := range steps {
		if err := step.do(); !errors.Is(err, step.want) {
			t.Fatalf("%s: %v, want %v", step.what, err, step.want)
		}
	}
}

// TestContent: what a locked file says can be read by others, for it tells them who the owner is.
func TestContent(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "lock")
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := TryLock(f); err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString("owner"); err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(name); err != nil || string(b) != "owner" {
		t.Errorf("read %q, %v", b, err)
	}
}
