package vfs

import (
	"errors"
	"strings"

	"github.com/pglite-toolbox/pglite/engine/internal/errno"
)

// Limits of Linux.
const (
	nameMax = 255  // bytes of one component
	pathMax = 4096 // bytes of a path with its final NUL
)

// ErrEscapes means that a path leads out of its file system, by a symbolic link
// that is absolute or has too many "..". A Tree resolves such a link in the
// guest's terms; to everyone else it is EACCES.
var ErrEscapes error = escapeError{}

// IsEscape reports whether err is an [ErrEscapes].
func IsEscape(err error) bool { return errors.Is(err, ErrEscapes) }

type escapeError struct{}

func (escapeError) Error() string { return "path leads out of the file system" }
func (escapeError) Unwrap() error { return errno.EACCES }

// checkName finds fault with a name as FS demands it. Whether a component is too
// long is asked when its directory is known to exist.
func checkName(name string) error {
	if name == "." {
		return nil
	}
	if err := checkLength(name); err != nil {
		return err
	}
	for rest := name; ; {
		component, tail, more := strings.Cut(rest, "/")
		if component == "" || component == "." || component == ".." {
			return errno.EINVAL
		}
		if !more {
			return nil
		}
		rest = tail
	}
}

// checkLength finds fault with a path as a whole.
func checkLength(path string) error {
	switch {
	case path == "":
		return errno.ENOENT
	case len(path) >= pathMax:
		return errno.ENAMETOOLONG
	case strings.IndexByte(path, 0) >= 0:
		return errno.EINVAL
	}
	return nil
}
