package cmd

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// mountFor mounts a file system for the test, which only root may.
func mountFor(t *testing.T, source, fstype string, flags uintptr, data string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	if source == "" {
		source = dir
	}
	if err := unix.Mount(source, dir, fstype, flags, data); err != nil {
		t.Skipf("mount: %v (needs root)", err)
	}
	t.Cleanup(func() { _ = unix.Unmount(dir, unix.MNT_DETACH) })
	return dir
}

func readOnly(t *testing.T, dir string) {
	t.Helper()
	if err := unix.Mount("", dir, "", unix.MS_REMOUNT|unix.MS_BIND|unix.MS_RDONLY, ""); err != nil {
		t.Fatal(err)
	}
}

// TestReadOnlyDirectory: neither init nor exec can do with a directory that cannot be written.
func TestReadOnlyDirectory(t *testing.T) {
	t.Parallel()
	needRuntime(t)
	dir := mountFor(t, "", "", unix.MS_BIND, "")
	data := freshCluster(t, filepath.Join(dir, "db"))
	mkdir(t, dir, "empty")
	readOnly(t, dir)
	before := snapshot(t, dir)
	wantRefusal(t, `^pglite: make a cluster in ".*/new": .*read-only file system: use a directory that can be written\n$`, "init", filepath.Join(dir, "new"))
	wantRefusal(t, `^pglite: make a cluster in ".*/new": .*read-only file system: use a directory that can be written\n$`, "init", filepath.Join(dir, "deep", "new"))
	wantRefusal(t, `^pglite: make a cluster in ".*/empty": .*read-only file system: use a directory that can be written\n$`, "init", filepath.Join(dir, "empty"))
	wantRefusal(t, `^pglite: lock data directory ".*/db": .*read-only file system: use a directory that can be written\n$`, "-D", data, "exec", "SELECT 1")
	if code, stdout, _ := pglite(t, "-D", data, "doctor"); code != 1 || !strings.Contains(stdout, "PROBLEM: the directory is on a file system that can only be read") {
		t.Errorf("doctor: exit code %d, %s", code, stdout)
	}
	if after := snapshot(t, dir); after != before {
		t.Error("something changed in a read-only directory")
	}
}

// TestFullDisk makes a cluster where there is no room for it: nothing is left of it.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	needRuntime(t)
	dir := mountFor(t, "none", "tmpfs", 0, "size=12m")
	mkdir(t, dir, "empty")
	before := snapshot(t, filepath.Join(dir, "empty"))
	full := `^pglite: make a cluster in ".*/.*": .*no space left on device: make room on that disk, or use another\n$`
	wantRefusal(t, full, "init", filepath.Join(dir, "new"))
	wantRefusal(t, full, "init", filepath.Join(dir, "deep", "new"))
	wantRefusal(t, full, "init", filepath.Join(dir, "empty"))
	wantRefusal(t, `^pglite: make a cluster in ".*/new": initdb failed: FATAL:  .*No space left on device\n$`, "init", "--encoding=UTF8", filepath.Join(dir, "new"))
	if after := snapshot(t, filepath.Join(dir, "empty")); after != before {
		t.Errorf("the empty directory changed:\n%s\nwas:\n%s", after, before)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("a failed init leaves %v, %v", entries, err)
	}
}

// TestFullCacheDisk unpacks the runtime where there is no room for it.
func TestFullCacheDisk(t *testing.T) {
	needRuntime(t)
	dir := mountFor(t, "none", "tmpfs", 0, "size=12m")
	t.Setenv("XDG_CACHE_HOME", dir)
	data := filepath.Join(t.TempDir(), "db")
	wantRefusal(t, `^pglite: unpack the runtime: .*no space left on device: make room on that disk, or use another\n$`, "init", data)
	if left := snapshot(t, dir); len(left) > 1000 {
		t.Errorf("what was unpacked is left:\n%s", left)
	}
	if _, err := os.Stat(data); err == nil {
		t.Error("a directory is left")
	}
}

// TestMountPoint makes a cluster in a directory that cannot be replaced, because something is mounted there.
func TestMountPoint(t *testing.T) {
	t.Parallel()
	needRuntime(t)
	dir := mountFor(t, "none", "tmpfs", 0, "size=100m")
	freshCluster(t, dir)
	if code, stdout, stderr := pglite(t, "-D", dir, "exec", "-At", "-c", "SELECT 1"); code != 0 || stdout != "1\n" {
		t.Errorf("exit code %d, %q, %q", code, stdout, stderr)
	}
}
