package memory

import (
	"errors"
	"slices"
	"unsafe"
)

// arena is the address space of a region: a reservation that is divided into
// blocks, each of which is one of Windows' allocations. Only a placeholder can
// be divided, and a view be taken out of the middle of by mapping both ends
// again; private memory is allocated in blocks of one granule, so that any part
// of it can be replaced without a moment in which the rest is gone.
//
// Windows 10 version 1803 or later.
// https://learn.microsoft.com/windows/win32/api/memoryapi/nf-memoryapi-virtualalloc2
type arena struct {
	base      uintptr
	size      uint64
	committed uint64  // [0, committed) is private memory or views
	blocks    []block // sorted, without gaps
}

type blockKind uint8

const (
	placeholder blockKind = iota
	privateMemory
	view
)

// block is a range of an arena that Windows knows as one allocation.
type block struct {
	span
	kind    blockKind
	section section // of a view
	offset  uint64  // in the section, of a view
}

func newArena(size uint64, g Guard) (*arena, error) {
	if g != (Guard{}) {
		return nil, errors.New("memory with a guard is not implemented on Windows")
	}
	base, err := reservePlaceholder(size)
	if err != nil {
		return nil, err
	}
	return &arena{base: base, size: size, blocks: []block{{span: span{0, size}}}}, nil
}

func (a *arena) bytes() []byte {
	// Memory that Windows allocated, which the garbage collector does not move.
	return unsafe.Slice(*(**byte)(unsafe.Pointer(&a.base)), a.size)
}

func (a *arena) at(off uint64) uintptr { return a.base + uintptr(off) }

// commit puts private memory instead of the placeholders below n.
func (a *arena) commit(n uint64) error {
	for off := uint64(0); off < n; {
		b := a.blocks[a.index(off)]
		if b.kind != placeholder {
			off = b.end
			continue
		}
		s := span{off, off + Granule}
		if err := a.split(s); err != nil {
			return err
		}
		if err := allocate(a.at(off)); err != nil {
			return err
		}
		a.blocks[a.index(off)].kind = privateMemory
		off = s.end
	}
	a.committed = max(a.committed, n)
	return nil
}

// mapShared puts views of b instead of what is at s.
func (a *arena) mapShared(s span, b *backing, objOff uint64) error {
	if err := a.clear(s); err != nil {
		return err
	}
	for _, sec := range b.sections {
		part := clip([]span{sec.span}, span{objOff, objOff + s.len()})
		if len(part) == 0 {
			continue
		}
		at := span{s.off + part[0].off - objOff, s.off + part[0].end - objOff}
		if err := a.split(at); err != nil {
			return err
		}
		if err := a.showView(block{span: at, section: sec, offset: part[0].off - sec.off}); err != nil {
			return err
		}
	}
	return nil
}

// showView puts a view instead of the placeholder of exactly its range.
func (a *arena) showView(b block) error {
	if err := mapView(b.section.handle, a.at(b.off), b.offset, b.len()); err != nil {
		return err
	}
	b.kind = view
	a.blocks[a.index(b.off)] = b
	return nil
}

// zero makes s zero-filled private memory, as far as it was committed.
func (a *arena) zero(s span) error {
	if err := a.clear(s); err != nil {
		return err
	}
	return a.commit(a.committed)
}

// reset drops all that is mapped.
func (a *arena) reset() error {
	a.committed = 0
	return a.clear(span{0, a.size})
}

// touched calls visit with the private memory in s: Windows does not tell
// which of its pages hold data, some of which may be in the paging file.
func (a *arena) touched(s span, visit func(span)) error {
	run := span{s.off, s.off}
	for _, b := range a.blocks {
		if b.kind != privateMemory || !b.overlaps(s) {
			continue
		}
		if b.off != run.end {
			emit(run, visit)
			run.off = b.off
		}
		run.end = b.end
	}
	emit(run, visit)
	return nil
}

func (a *arena) free() (err error) {
	for _, b := range a.blocks {
		if e := release(b.kind, a.at(b.off)); err == nil {
			err = e
		}
	}
	a.blocks = nil
	return err
}

// index returns the index of the block that holds off.
func (a *arena) index(off uint64) int {
	i, _ := slices.BinarySearchFunc(a.blocks, off, func(b block, off uint64) int {
		switch {
		case b.end <= off:
			return -1
		case b.off > off:
			return 1
		}
		return 0
	})
	return i
}
