//go:build linux || darwin

package memory

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	protection = unix.PROT_READ | unix.PROT_WRITE
	anonymous  = unix.MAP_PRIVATE | unix.MAP_ANON | unix.MAP_NORESERVE
)

// arena is the address space of a region.
type arena struct {
	base unsafe.Pointer
	size uint64
}

func newArena(size uint64) (*arena, error) {
	base, err := unix.MmapPtr(-1, 0, nil, uintptr(size), protection, anonymous)
	if err != nil {
		return nil, fmt.Errorf("mmap: %w", err)
	}
	a := &arena{base: base, size: size}
	a.advise(span{0, size})
	return a, nil
}

func (a *arena) bytes() []byte { return unsafe.Slice((*byte)(a.base), a.size) }

func (a *arena) at(off uint64) unsafe.Pointer { return unsafe.Add(a.base, off) }

// commit has nothing to do: the system allocates a page at its first touch.
func (a *arena) commit(uint64) error { return nil }

// reset drops all that is mapped.
func (a *arena) reset() error { return a.zero(span{0, a.size}) }

// zero makes s private zero-filled memory, whatever was mapped there. A new
// mapping in place of the old one is the only call that means that everywhere.
func (a *arena) zero(s span) error {
	if _, err := unix.MmapPtr(-1, 0, a.at(s.off), uintptr(s.len()), protection, anonymous|unix.MAP_FIXED); err != nil {
		return fmt.Errorf("mmap: %w", err)
	}
	a.advise(s)
	return nil
}

// mapShared maps b from objOff on at s, in place of what was there.
func (a *arena) mapShared(s span, b *backing, objOff uint64) error {
	return a.mapFile(s, b, objOff, unix.MAP_SHARED)
}

func (a *arena) mapFile(s span, b *backing, fileOff uint64, flags int) error {
	if _, err := unix.MmapPtr(b.descriptor(), int64(fileOff), a.at(s.off), uintptr(s.len()), protection, flags|unix.MAP_FIXED); err != nil {
		return fmt.Errorf("mmap: %w", err)
	}
	return nil
}

func (a *arena) free() error {
	if err := unix.MunmapPtr(a.base, uintptr(a.size)); err != nil {
		return fmt.Errorf("munmap: %w", err)
	}
	return nil
}
