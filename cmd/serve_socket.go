package cmd

import (
	"fmt"
	"os"
	"runtime"

	"github.com/pglite-toolbox/pglite/internal/cachedir"
)

// longestTempDir leaves room for the directory's name and the socket's in the shortest path that systems take, of 103 bytes.
const longestTempDir = 103 - len("/pglite-4294967295/.s.PGSQL.5432")

// privateDir makes a short directory that the user alone can enter.
func privateDir() (dir string, remove func(), err error) {
	parent := cachedir.Env(nil).Temp()
	if len(parent) > longestTempDir && runtime.GOOS != "windows" {
		parent = defaultSocketDir
	}
	if dir, err = os.MkdirTemp(parent, "pglite-"); err != nil {
		return "", func() {}, fmt.Errorf("make a directory for the socket: %w", err)
	}
	return dir, func() { _ = os.RemoveAll(dir) }, nil
}
