package memory

import (
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// advise has nothing to say: macOS has no huge pages here, and does not dump
// what was not touched.
func (a *arena) advise(span) {}

// Bits of mincore's vector, of sys/mman.h. A page that was compressed or paged
// out holds data as well as one in core; the other bits (MINCORE_ANONYMOUS) are
// set for untouched pages too.
const (
	mincoreInCore   = 0x1
	mincorePagedOut = 0x20
)

// touched calls visit with the ranges of s that have pages of their own, in
// order; with all of s where mincore(2) fails.
func (a *arena) touched(s span, visit func(span)) error {
	pageSize := uint64(os.Getpagesize())
	vec := make([]byte, s.len()/pageSize)
	if len(vec) == 0 {
		return nil
	}
	_, _, errno := unix.Syscall(unix.SYS_MINCORE, uintptr(a.at(s.off)), uintptr(s.len()),
		uintptr(unsafe.Pointer(&vec[0])))
	if errno != 0 {
		visit(s)
		return nil
	}
	run := span{s.off, s.off}
	for i, v := range vec {
		if v&(mincoreInCore|mincorePagedOut) == 0 {
			continue
		}
		off := s.off + uint64(i)*pageSize
		if off != run.end {
			emit(run, visit)
			run.off = off
		}
		run.end = off + pageSize
	}
	emit(run, visit)
	return nil
}
