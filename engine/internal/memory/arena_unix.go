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

	guard     Guard  // the zero value: there is none
	committed uint64 // with a guard: what is beyond is not accessible
}

func newArena(size uint64, g Guard) (*arena, error) {
	whole, access := size, protection
	if g != (Guard{}) {
		whole, access = g.Before+max(size, g.Reach), unix.PROT_NONE
	}
	start, err := unix.MmapPtr(-1, 0, nil, uintptr(whole), access, anonymous)
	if err != nil {
		return nil, fmt.Errorf("mmap: %w", err)
	}
	a := &arena{base: unsafe.Add(start, g.Before), size: size, guard: g}
	if g.Before > 0 {
		if err := protect(start, g.Before); err != nil {
			_ = a.free()
			return nil, err
		}
	}
	a.advise(span{0, size})
	return a, nil
}

// protect makes n bytes accessible.
func protect(at unsafe.Pointer, n uint64) error {
	if err := unix.Mprotect(unsafe.Slice((*byte)(at), n), protection); err != nil {
		return fmt.Errorf("mprotect: %w", err)
	}
	return nil
}

func (a *arena) bytes() []byte { return unsafe.Slice((*byte)(a.base), a.size) }

func (a *arena) at(off uint64) unsafe.Pointer { return unsafe.Add(a.base, off) }

// commit has nothing to do without a guard: the system allocates a page at its
// first touch.
func (a *arena) commit(n uint64) error {
	if a.guard == (Guard{}) || n <= a.committed {
		return nil
	}
	if err := protect(a.at(a.committed), n-a.committed); err != nil {
		return err
	}
	a.committed = n
	return nil
}

// reset drops all that is mapped.
func (a *arena) reset() error {
	a.committed = 0
	return a.zero(span{0, a.size})
}

// zero makes s private zero-filled memory, whatever was mapped there; what a
// guard covers gets no access. A new mapping instead of the old one is the
// only call that means that everywhere.
func (a *arena) zero(s span) error {
	accessible := s.end
	if a.guard != (Guard{}) {
		accessible = min(s.end, max(s.off, a.committed))
	}
	if err := a.anonymous(span{s.off, accessible}, protection); err != nil {
		return err
	}
	return a.anonymous(span{accessible, s.end}, unix.PROT_NONE)
}

// anonymous maps new memory at s, which may be empty.
func (a *arena) anonymous(s span, access int) error {
	if s.len() == 0 {
		return nil
	}
	if _, err := unix.MmapPtr(-1, 0, a.at(s.off), uintptr(s.len()), access, anonymous|unix.MAP_FIXED); err != nil {
		return fmt.Errorf("mmap: %w", err)
	}
	a.advise(s)
	return nil
}

// mapShared maps b from objOff on at s, instead of what was there.
func (a *arena) mapShared(s span, b *backing, objOff uint64) error {
	return a.mapFile(s, b, objOff, unix.MAP_SHARED)
}

func (a *arena) mapFile(s span, b *backing, fileOff uint64, flags int) error {
	if _, err := unix.MmapPtr(b.descriptor(), int64(fileOff), a.at(s.off), uintptr(s.len()), protection,
		flags|unix.MAP_FIXED); err != nil {
		return fmt.Errorf("mmap: %w", err)
	}
	return nil
}

func (a *arena) free() error {
	whole := a.size
	if a.guard != (Guard{}) {
		whole = a.guard.Before + max(a.size, a.guard.Reach)
	}
	if err := unix.MunmapPtr(unsafe.Add(a.base, -int(a.guard.Before)), uintptr(whole)); err != nil {
		return fmt.Errorf("munmap: %w", err)
	}
	return nil
}
