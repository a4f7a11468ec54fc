package cmd

import (
	"fmt"
	"os"
)

// privateDir makes a short directory that the user alone can enter.
func privateDir() (dir string, remove func(), err error) {
	if dir, err = os.MkdirTemp("", "pglite-"); err != nil {
		return "", func() {}, fmt.Errorf("make a directory for the socket: %w", err)
	}
	return dir, func() { _ = os.RemoveAll(dir) }, nil
}
