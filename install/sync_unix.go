//go:build unix

package install

import "os"

// syncFile brings a file to stable storage: fsync(2), on macOS fcntl(2) with F_FULLFSYNC, which is Go's File.Sync.
func syncFile(name string) error {
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

// syncDir makes the names in a directory durable.
func syncDir(name string) error { return syncFile(name) }
