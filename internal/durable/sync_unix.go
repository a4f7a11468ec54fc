//go:build unix

package durable

import "os"

// File brings a file to stable storage: fsync(2), on macOS fcntl(2) with F_FULLFSYNC, which is Go's File.Sync.
func File(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	err = f.Sync()
	if e := f.Close(); err == nil {
		err = e
	}
	return err
}

// Dir makes the names in a directory durable.
func Dir(name string) error { return File(name) }
