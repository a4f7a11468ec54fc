//go:build unix

package cmd

import (
	"errors"
	"syscall"
)

// isFull reports whether there was no room for a file, on the disk or in the user's quota.
func isFull(err error) bool { return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) }

// isTooLarge reports whether a file may not become so large, by the process's limit or on its file system.
func isTooLarge(err error) bool { return errors.Is(err, syscall.EFBIG) }

// isReadOnly reports whether a file system can only be read.
func isReadOnly(err error) bool { return errors.Is(err, syscall.EROFS) }
