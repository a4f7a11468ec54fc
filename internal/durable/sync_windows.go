package durable

import "os"

// File brings a file to stable storage: FlushFileBuffers, which wants a handle that may write.
func File(name string) error {
	f, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	err = f.Sync()
	if e := f.Close(); err == nil {
		err = e
	}
	return err
}

// Dir does nothing: NTFS journals the names, and a directory cannot be flushed.
func Dir(string) error { return nil }
