//go:build unix

package vfs

import "os"

func statFile(f *os.File) (Stat, error) {
	info, err := f.Stat()
	if err != nil {
		return Stat{}, err
	}
	return statOf(info), nil
}

// syncFile is fsync, and on macOS F_FULLFSYNC.
func syncFile(f *os.File) error { return f.Sync() }
