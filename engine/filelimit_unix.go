//go:build unix

package engine

import (
	"math"

	"golang.org/x/sys/unix"
)

// fileLimit returns how many files this program may have open, 0 for any number.
func fileLimit() uint64 {
	var limit unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NOFILE, &limit) != nil || limit.Cur > math.MaxInt32 {
		return 0
	}
	return limit.Cur
}
