//go:build unix

package engine

import (
	"os"
	"syscall"
)

// inodeOf returns a directory's number in its file system.
func inodeOf(root *os.Root) uint64 {
	info, err := root.Stat(".")
	if err != nil {
		return 0
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0
	}
	return stat.Ino
}
