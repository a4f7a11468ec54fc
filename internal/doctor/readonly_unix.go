//go:build unix

package doctor

import (
	"errors"

	"golang.org/x/sys/unix"
)

// isReadOnly reports whether a directory is on a file system that can only be read.
func isReadOnly(dir string) bool { return errors.Is(unix.Access(dir, unix.W_OK), unix.EROFS) }
