//go:build amd64 || arm64

package native

import (
	"fmt"
	"slices"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The stack of an instance's code. PostgreSQL's own limit of 2 MiB of the stack in linear memory is reached long before its end.
const (
	stackSize  = 64 << 20 // and its alignment: see fault in ctranslate's c/amd64.s
	stackGuard = 1 << 20  // without access, at its low end
	stackKept  = 256 << 10
	pageBytes  = 4096
)

// stack is the memory of one.
type stack struct{ low unsafe.Pointer }

// newStack maps a stack for the instance whose memory begins at base.
func newStack(base unsafe.Pointer) (s stack, err error) {
	const access, flags = unix.PROT_READ | unix.PROT_WRITE, unix.MAP_PRIVATE | unix.MAP_ANON | unix.MAP_NORESERVE
	raw, err := unix.MmapPtr(-1, 0, nil, 2*stackSize, access, flags)
	if err != nil {
		return stack{}, fmt.Errorf("map a stack of %d MiB: %w", stackSize>>20, err)
	}
	skip := -uintptr(raw) & (stackSize - 1)
	s.low = unsafe.Add(raw, skip)
	if skip > 0 {
		_ = unix.MunmapPtr(raw, skip)
	}
	_ = unix.MunmapPtr(unsafe.Add(s.low, stackSize), stackSize-skip)
	if err := unix.Mprotect(s.bytes(0, stackGuard), unix.PROT_NONE); err != nil {
		_ = s.free()
		return stack{}, fmt.Errorf("guard a stack: %w", err)
	}
	_ = unix.Madvise(s.bytes(0, stackSize), unix.MADV_NOHUGEPAGE)
	_ = unix.Madvise(s.bytes(0, stackSize), unix.MADV_DONTDUMP)
	*(*unsafe.Pointer)(unsafe.Add(s.low, stackSize-16)) = base
	s.mark()
	return s, nil
}

func (s stack) bytes(low, high int) []byte {
	return unsafe.Slice((*byte)(unsafe.Add(s.low, low)), high-low)
}

// holds reports whether an address is in the stack, its guard included.
func (s stack) holds(address uintptr) bool {
	return address-uintptr(s.low) < stackSize
}

// The marks are in the page below what an instance always keeps. A deep recursion writes over some of them.
const (
	markAt  = stackSize - stackKept - pageBytes
	mark    = 0x6d61726b6d61726b
	markGap = 64 // bytes from one to the next
)

func (s stack) mark() {
	for at := 0; at < pageBytes; at += markGap {
		*(*uint64)(unsafe.Add(s.low, markAt+at)) = mark
	}
}

// shrink gives the memory of a deep recursion that has ended back to the system. The code's stack pointer is now at top:
// while a recursion is that deep, all of its memory is in use.
func (s stack) shrink(top uintptr) {
	if top < uintptr(s.low)+markAt+pageBytes {
		return
	}
	marks := make([]uint64, 0, pageBytes/markGap)
	for at := 0; at < pageBytes; at += markGap {
		marks = append(marks, *(*uint64)(unsafe.Add(s.low, markAt+at)))
	}
	if !slices.ContainsFunc(marks, func(m uint64) bool { return m != mark }) {
		return
	}
	_ = unix.Madvise(s.bytes(stackGuard, markAt), unix.MADV_DONTNEED)
	s.mark()
}

func (s stack) free() error {
	if s.low == nil {
		return nil
	}
	if err := unix.MunmapPtr(s.low, stackSize); err != nil {
		return fmt.Errorf("unmap a stack: %w", err)
	}
	return nil
}
