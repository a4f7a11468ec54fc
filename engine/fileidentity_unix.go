//go:build unix

package engine

import (
	"fmt"
	"io/fs"
	"syscall"
	"time"
)

// fileIdentity tells one state of a file from any other: nobody can set the time of the last change of the inode, which each change of the
// file moves.
func fileIdentity(info fs.FileInfo) string {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return ""
	}
	return fmt.Sprintf("%d:%d:%d:%d:%d", st.Dev, st.Ino, info.Size(), info.ModTime().UnixNano(), changed(info).UnixNano())
}

// changed is when the inode was changed last.
func changed(info fs.FileInfo) time.Time {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return time.Now()
	}
	return time.Unix(changeTime(st).Unix())
}
