//go:build unix

package engine_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// twoRuntimes is a small runtime whose bin is a link to one of two directories, with modules that give different
// versions.
func twoRuntimes(t *testing.T) (r *smallRuntime, use func(which string)) {
	t.Helper()
	r = newSmallRuntime(t)
	bin := filepath.Dir(r.program)
	content, err := os.ReadFile(r.program)
	if err != nil {
		t.Fatal(err)
	}
	err = errors.Join(os.Rename(bin, filepath.Join(r.dir, "a")), os.Mkdir(filepath.Join(r.dir, "b"), 0o700),
		os.WriteFile(filepath.Join(r.dir, "b", filepath.Base(r.program)), bytes.ReplaceAll(content, []byte("(PostgreSQL)"), []byte("(PostgresQL)")), 0o600))
	if err != nil {
		t.Fatal(err)
	}
	use = func(which string) {
		_ = os.Remove(bin)
		if err := os.Symlink(which, bin); err != nil {
			t.Error(err)
		}
	}
	use("a")
	r.old = true
	return r, use
}

// whenRead puts a FIFO in the place of a file of the cache and calls change when it is opened to be read. The reader
// finds it empty.
func whenRead(t *testing.T, name string, change func()) (done <-chan struct{}) {
	t.Helper()
	if err := errors.Join(os.Remove(name), syscall.Mkfifo(name, 0o600)); err != nil {
		t.Fatal(err)
	}
	c := make(chan struct{})
	go func() {
		defer close(c)
		f, err := os.OpenFile(name, os.O_WRONLY, 0)
		if err != nil {
			t.Error(err)
			return
		}
		change()
		_ = f.Close()
	}()
	return c
}

// TestRuntimeChangesMeanwhile: an update between any two steps of a start gives the old program or the new one, and
// nothing of the one is kept as the other's.
func TestRuntimeChangesMeanwhile(t *testing.T) {
	t.Parallel()
	for _, pattern := range []string{"modules/*.sum", "modules/*.hollow"} {
		r, use := twoRuntimes(t)
		a := r.run(t)
		name := r.only(t, pattern)
		done := whenRead(t, name, func() { use("b") })
		b := r.run(t)
		<-done
		if a == b {
			t.Errorf("%s: the changed program was not run", pattern)
		}
		use("a")
		if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() {
			_ = os.Remove(name) // nothing was kept there
		}
		if got := r.run(t); got != a {
			t.Errorf("%s: got %q of the runtime that gives %q", pattern, got, a)
		}
	}
}
