package install

import (
	"os"

	"golang.org/x/sys/unix"
)

// cloneFile makes a new file that shares another's blocks, ioctl_ficlone(2), where the file system can do that (Btrfs,
// XFS, bcachefs). When it cannot there is no new file.
func cloneFile(from, to string) bool {
	f, err := os.Open(from)
	if err != nil {
		return false
	}
	defer f.Close()
	t, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return false
	}
	defer t.Close()
	if err := unix.IoctlFileClone(int(t.Fd()), int(f.Fd())); err != nil {
		_ = os.Remove(to)
		return false
	}
	return true
}

// reserve gives a new file its size and blocks without writing them, fallocate(2).
func reserve(f *os.File, size int64) bool {
	return unix.Fallocate(int(f.Fd()), 0, 0, size) == nil
}
