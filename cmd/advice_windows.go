package cmd

import (
	"errors"

	"golang.org/x/sys/windows"
)

// isFull reports whether there was no room for a file.
func isFull(err error) bool {
	return errors.Is(err, windows.ERROR_DISK_FULL) || errors.Is(err, windows.ERROR_HANDLE_DISK_FULL)
}

// isTooLarge reports whether a file may not become so large on its file system.
func isTooLarge(err error) bool { return errors.Is(err, windows.ERROR_FILE_TOO_LARGE) }

// isReadOnly reports whether a file system can only be read.
func isReadOnly(err error) bool { return errors.Is(err, windows.ERROR_WRITE_PROTECT) }
