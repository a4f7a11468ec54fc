//go:build unix

package cachedir

import (
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"strconv"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

const homeVariable = "HOME"

// systemDirs may hold a cache for all users, which root has made: XDG_CACHE_HOME=/usr/lib pglite init --runtime-only.
var systemDirs = []string{"/usr/local/lib/pglite", "/usr/lib/pglite"}

// userDirName is the name of the user's directory among the temporary files.
func userDirName() string { return own + "-" + strconv.Itoa(os.Getuid()) }

// homeOfUser returns the home that the user database has, "" when it does not know the user.
var homeOfUser = sync.OnceValue(func() string {
	u, err := user.LookupId(strconv.Itoa(os.Getuid()))
	if err != nil {
		return ""
	}
	return u.HomeDir
})

// writable reports whether we may make files in a directory.
func writable(dir string) error {
	if err := unix.Faccessat(unix.AT_FDCWD, dir, unix.W_OK|unix.X_OK, unix.AT_EACCESS); err != nil {
		return fmt.Errorf("%s: %w", dir, err)
	}
	return nil
}

func ownerOf(info fs.FileInfo) int {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		return int(stat.Uid)
	}
	return -1
}

func mine(info fs.FileInfo) bool { return ownerOf(info) == os.Geteuid() }

// isRoot reports whether we may write everywhere.
func isRoot() bool { return os.Geteuid() == 0 }

func roots(info fs.FileInfo) bool { return ownerOf(info) == 0 }

// writableByOthers reports whether the group or everybody may write. A link's mode means nothing.
func writableByOthers(info fs.FileInfo) bool {
	return info.Mode()&fs.ModeSymlink == 0 && info.Mode().Perm()&0o022 != 0
}

// others reports whether others may even enter.
func others(info fs.FileInfo) bool { return info.Mode().Perm()&0o077 != 0 }
