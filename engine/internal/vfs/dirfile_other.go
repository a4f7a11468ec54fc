//go:build !linux

package vfs

import "os"

// datasyncFile is a full sync: macOS has no fdatasync that reaches the disk, and
// Windows has none at all.
func datasyncFile(f *os.File) error { return syncFile(f) }

func allocateFile(f *os.File, off, length int64) error { return zeroFill(f, off+length) }

func adviseFile(*os.File, int64, int64, int) error { return nil }

// readDirFile lists a directory. Inode numbers cost a look at each file.
func readDirFile(f *os.File) ([]DirEntry, error) {
	list, err := f.ReadDir(-1)
	if err != nil {
		return nil, err
	}
	entries := make([]DirEntry, 0, len(list))
	for _, e := range list {
		info, err := e.Info()
		if os.IsNotExist(err) {
			continue // removed meanwhile
		}
		if err != nil {
			return nil, err
		}
		st := statOf(info)
		entries = append(entries, DirEntry{e.Name(), st.Ino, st.Mode & S_IFMT})
	}
	return entries, nil
}
