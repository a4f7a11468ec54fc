//go:build unix

package engine

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// limitReached tells which limit of this program an error about memory comes from, "" when it is none that is known.
func limitReached(err error) string {
	switch {
	case errors.Is(err, unix.EFBIG):
		if size, ok := limitOf(unix.RLIMIT_FSIZE); ok {
			return fmt.Sprintf("this program's files, of which shared memory is one, are limited to %d kB (ulimit "+
				"-f): raise that limit", size>>10)
		}
	case errors.Is(err, unix.ENOMEM):
		if size, ok := limitOf(unix.RLIMIT_AS); ok {
			return fmt.Sprintf("this program's address space is limited to %d kB (ulimit -v), and each server process "+
				"reserves its largest memory: "+
				"raise that limit, or lower the memory ceiling of a process", size>>10)
		}
	}
	return ""
}

// limitOf returns a limit of this program, false when there is none.
func limitOf(resource int) (size uint64, ok bool) {
	var limit unix.Rlimit
	if unix.Getrlimit(resource, &limit) != nil || limit.Cur >= 1<<62 {
		return 0, false
	}
	return limit.Cur, true
}
