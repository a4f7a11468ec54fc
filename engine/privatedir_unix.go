//go:build unix

package engine

import (
	"io/fs"
	"os"
	"strconv"
	"syscall"
)

// userDirName is the name of the user's directory among the temporary files.
func userDirName() string { return "pglite-" + strconv.Itoa(os.Getuid()) }

// checksPrivacy tells that private looks at the directory.
const checksPrivacy = true

// private reports whether a directory is the user's and closed to others.
func private(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(stat.Uid) == os.Getuid() && info.Mode().Perm()&0o077 == 0
}
