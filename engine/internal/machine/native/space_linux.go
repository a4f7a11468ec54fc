//go:build amd64 || arm64

package native

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// space is the address space that a server of thirty processes takes. Where there is less, a server on machine code would soon run out of it,
// and an engine that reserves less for each process is better.
const space = 30 * (reach + stackSize)

// checkSpace returns why this program has not the address space. It takes nothing.
func checkSpace() error { return checkSpaceOf(space) }

func checkSpaceOf(size uintptr) error {
	at, err := unix.MmapPtr(-1, 0, nil, size, unix.PROT_NONE, unix.MAP_PRIVATE|unix.MAP_ANON|unix.MAP_NORESERVE)
	if err != nil {
		return fmt.Errorf("it wants %d GiB of address space, which the system does not give (%w): is it limited (ulimit -v)?", size>>30, err)
	}
	return unix.MunmapPtr(at, size)
}
