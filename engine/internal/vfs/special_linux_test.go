package vfs

import (
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/pglite-toolbox/pglite/engine/internal/errno"
)

// TestFullDisk writes to a file system that has room for little.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=64k"); err != nil {
		t.Skipf("SKIPPED: a file system of 64 KiB cannot be mounted here: %v", err)
	}
	t.Cleanup(func() { _ = unix.Unmount(dir, unix.MNT_DETACH) })
	f := open(t, newDirFS(t, dir, Options{}), "full", O_RDWR|O_CREAT)
	defer closeFile(t, f)
	block := make([]byte, 256<<10)
	n, err := f.WriteAt(block, 0)
	if err == nil {
		n, err = f.WriteAt(block[n:], int64(n))
	}
	mustBe(t, err, errno.ENOSPC)
	if n >= len(block) {
		t.Errorf("%d bytes written", n)
	}
	mustBe(t, f.Allocate(0, int64(len(block))), errno.ENOSPC)
}

// TestSpecialFiles opens what is neither a file nor a directory, which must fail at once: opening a FIFO waits for its
// other end.
func TestSpecialFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := unix.Mkfifo(filepath.Join(dir, "fifo"), 0o600); err != nil {
		t.Fatal(err)
	}
	roots := newDirFS(t, dir, Options{})
	walked := newDirFS(t, dir, Options{})
	walked.beneath = false
	for name, fs := range map[string]*DirFS{"openat2": roots, "os.Root": walked} {
		for _, flag := range []int{O_RDONLY, O_WRONLY, O_RDWR, O_RDONLY | O_CREAT} {
			f, err := fs.OpenFile("fifo", flag, 0o600)
			if err == nil {
				closeFile(t, f)
			}
			if errno.Of(err) != errno.ENXIO {
				t.Errorf("%s: open a FIFO with %#o: %v, want ENXIO", name, flag, err)
			}
		}
	}
	f, err := newDirFS(t, "/dev", Options{}).OpenFile("zero", O_RDONLY, 0)
	if err == nil {
		closeFile(t, f)
	}
	if errno.Of(err) != errno.ENXIO {
		t.Errorf("open a device: %v, want ENXIO", err)
	}
}
