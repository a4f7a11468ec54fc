// Package memory maps the linear memories of guest processes and the memory
// that they share. It is the only place of the engine with platform code for
// memory mapping.
//
// A [Region] is the linear memory of one process: a range of address space
// that is reserved once, at its largest size, and keeps its base for life. An
// [Object] is memory that several regions map, each at an offset of its own:
// PostgreSQL's shared buffers, a dynamic shared memory segment. What one
// process stores there another sees, and locked instructions work across them.
//
// All offsets and lengths are multiples of [Granule], the page size of
// WebAssembly's linear memory, which every supported system can map at.
//
// Copying, mapping and page tables are invisible to Go's race detector: memory
// of this package is no Go memory. A region belongs to one process; the package
// orders calls on one region, not the guest's loads and stores.
package memory

import (
	"errors"
	"fmt"
)

// Granule is the unit of mapping: 64 KiB, the page of a WebAssembly memory and
// the allocation granularity of Windows. Host pages (4 or 16 KiB) divide it.
const Granule = 64 << 10

// ErrFreed is returned by every call on a region after its Free.
var ErrFreed = errors.New("memory region is freed")

// ErrRange is wrapped by errors about an offset or a length that is not a
// multiple of [Granule], or that reaches beyond the region or the object.
var ErrRange = errors.New("invalid range")

// checkSpan returns the range of length bytes at off when it is aligned, not
// empty and within limit; what names the object in the error.
func checkSpan(what string, off, length, limit uint64) (span, error) {
	switch {
	case off%Granule != 0 || length%Granule != 0:
		return span{}, fmt.Errorf("%w: offset %#x, length %#x of %s: both must be multiples of %#x", ErrRange, off,
			length, what, Granule)
	case length == 0:
		return span{}, fmt.Errorf("%w: length 0 at offset %#x of %s", ErrRange, off, what)
	case off > limit || length > limit-off:
		return span{}, fmt.Errorf("%w: offset %#x, length %#x reaches beyond %s of %#x bytes", ErrRange, off, length,
			what, limit)
	}
	return span{off, off + length}, nil
}

// roundUp returns n rounded up to the next multiple of Granule.
func roundUp(n uint64) uint64 { return (n + Granule - 1) &^ (Granule - 1) }
