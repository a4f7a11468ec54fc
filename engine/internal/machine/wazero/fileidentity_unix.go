//go:build unix

package wazero

import (
	"fmt"
	"io/fs"
	"syscall"
	"time"
)

// fileIdentity tells one state of a file from any other where the file system has the time of the last change of the
// inode, which nobody can set and each change of the file moves: ext4, XFS, Btrfs, ZFS, tmpfs, UFS, APFS. FAT and exFAT
// have it not, nor do images with fixed times, and SMB and FUSE need not.
func fileIdentity(info fs.FileInfo) string {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return ""
	}
	return fmt.Sprintf("%d:%d:%d:%d:%d", st.Dev, st.Ino, info.Size(), info.ModTime().UnixNano(),
		changed(info).UnixNano())
}

// changed is when the inode was changed last.
func changed(info fs.FileInfo) time.Time {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return time.Now()
	}
	return time.Unix(changeTime(st).Unix())
}
