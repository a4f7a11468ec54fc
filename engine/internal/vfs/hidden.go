package vfs

import (
	"os"
	"path"
	"slices"
	"strings"

	"github.com/pglite-toolbox/pglite/engine/internal/errno"
)

// Hidden tells which files of a DirFS the guest does not get at. Safe for concurrent use.
type Hidden struct {
	// Names are hidden in all directories, in upper and lower case: not all file systems tell those apart.
	Names []string
	// File returns the file that is hidden whatever name leads to it; nil, and false, for none.
	File func() (Identity, bool)
}

// Identity tells one file of the host from all others.
type Identity struct{ Dev, Ino uint64 }

// IdentityOf returns the identity of an open file; false where the host does not tell it.
func IdentityOf(f *os.File) (Identity, bool) {
	st, err := statFile(f)
	return Identity{st.Dev, st.Ino}, err == nil && st.Ino != 0
}

// name reports whether a path ends in a hidden name. Safe for nil, as is file.
func (h *Hidden) name(name string) bool {
	if h == nil {
		return false
	}
	base := path.Base(name)
	return slices.ContainsFunc(h.Names, func(hidden string) bool { return strings.EqualFold(hidden, base) })
}

// file reports whether it is the hidden file.
func (h *Hidden) file(st Stat) bool {
	if h == nil || h.File == nil || st.IsDir() {
		return false
	}
	hidden, ok := h.File()
	return ok && hidden == Identity{st.Dev, st.Ino}
}

// neverThere is the error for a hidden name: there is nothing, and nothing can be made.
func neverThere(made bool) error {
	if made {
		return errno.EACCES
	}
	return errno.ENOENT
}
