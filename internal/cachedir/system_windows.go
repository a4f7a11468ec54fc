package cachedir

import (
	"fmt"
	"io/fs"
	"os"
)

const homeVariable = "USERPROFILE"

var systemDirs []string

// userDirName is the name of the directory among the temporary files, which are the user's own here.
func userDirName() string { return own }

func homeOfUser() string { return "" }

// writable reports whether a directory is there; access control lists are asked when something is made.
func writable(dir string) error {
	info, err := os.Stat(dir)
	if err == nil && !info.IsDir() {
		err = fmt.Errorf("%s is no directory", dir)
	}
	return err
}

// The access control lists of the user's profile are trusted.
func mine(fs.FileInfo) bool             { return true }
func isRoot() bool                      { return false }
func roots(fs.FileInfo) bool            { return true }
func writableByOthers(fs.FileInfo) bool { return false }
func others(fs.FileInfo) bool           { return false }
