// Package plainfile opens files of a directory that may be a stranger's: no link leads out of it, and what is no
// regular file, a FIFO that would block or a device without an end, is not opened.
package plainfile

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Limit is how many bytes Read reads at most.
const Limit = 64 << 10

// Open opens the file of a slash-separated name below dir with the flags of os.OpenFile; what it makes has mode 0600.
// Errors are as those of os.Root; another kind of file is one, too.
func Open(dir, name string, flag int) (*os.File, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	return OpenIn(root, name, flag)
}

// OpenIn is Open in a directory that is open already.
func OpenIn(root *os.Root, name string, flag int) (*os.File, error) {
	name = filepath.FromSlash(name)
	if info, err := root.Lstat(name); err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is no regular file", filepath.Join(root.Name(), name))
	}
	const private = 0o600
	f, err := root.OpenFile(name, flag|nonblock, private) // it may have become a FIFO since
	if err != nil {
		return nil, err
	}
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		_ = f.Close()
		return nil, fmt.Errorf("%s is no regular file", filepath.Join(root.Name(), name))
	}
	return f, nil
}

// Read returns the content of a file, the first Limit bytes of a longer one.
func Read(dir, name string) ([]byte, error) {
	f, err := Open(dir, name, os.O_RDONLY)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, Limit))
}
