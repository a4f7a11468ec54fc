package durable

import (
	"os"
	"path/filepath"
)

// Rename gives a directory its final name and makes that durable. An empty directory of that name is replaced, which
// Windows does not do by itself; anything else of that name is an error.
func Rename(from, to string) error {
	err := os.Rename(from, to)
	if err != nil {
		if info, e := os.Lstat(to); e == nil && info.IsDir() && os.Remove(to) == nil {
			err = os.Rename(from, to)
		}
	}
	if err != nil {
		return err
	}
	return Dir(filepath.Dir(to))
}
