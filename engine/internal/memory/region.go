package memory

import (
	"fmt"
	"sync"
	"sync/atomic"
)

var lastRegionID atomic.Uint64

// Region is a reserved range of address space: private zero-filled memory,
// parts of which are replaced by mappings of shared objects.
//
// All methods are safe for concurrent use, and calls that change the mappings
// are done one after the other. But the memory itself is as unguarded as any:
// nobody may touch a range while it is mapped, unmapped or freed, and a touch
// of [Region.Bytes] after [Region.Free] ends the program.
type Region struct {
	id    uint64 // orders the locks of two regions
	bytes atomic.Pointer[[]byte]
	// shared is sorted by offset, without overlaps, and never changed in
	// place, so that Resolve needs no lock.
	shared atomic.Pointer[[]Mapping]

	mu       sync.Mutex
	arena    *arena // nil after Free
	heritage heritage
}

// Reserve reserves size bytes of zero-filled memory. Only address space is
// taken: a page is allocated when it is first touched. To be portable, call
// [Region.Commit] before touching memory.
func Reserve(size uint64) (*Region, error) { return ReserveGuarded(size, Guard{}) }

// Guard is what surrounds the memory of machine code that does not check its
// addresses. Both are multiples of [Granule].
type Guard struct {
	Before uint64 // accessible bytes before the base, which are the caller's and not the region's
	Reach  uint64 // bytes from the base on: there, what is not committed faults when it is touched
}

// ReserveGuarded is [Reserve] with a guard: nothing is accessible before it is
// committed. Without system support it is an error.
func ReserveGuarded(size uint64, g Guard) (*Region, error) {
	if g.Before%Granule != 0 || g.Reach%Granule != 0 {
		return nil, fmt.Errorf("%w: a guard of %#x and %#x bytes: both must be multiples of %#x", ErrRange, g.Before,
			g.Reach, Granule)
	}
	if size == 0 || size%Granule != 0 || size > maxObjectSize {
		return nil, fmt.Errorf("%w: reserve %#x bytes: the size must be a positive multiple of %#x, at most %#x",
			ErrRange, size, Granule, uint64(maxObjectSize))
	}
	a, err := newArena(size, g)
	if err != nil {
		return nil, fmt.Errorf("reserve %d bytes of address space: %w", size, err)
	}
	r := &Region{id: lastRegionID.Add(1), arena: a}
	b := a.bytes()
	r.bytes.Store(&b)
	r.shared.Store(new([]Mapping))
	return r, nil
}

// Bytes returns the whole reservation, at the same base for the region's whole
// life; nil after Free.
func (r *Region) Bytes() []byte {
	if b := r.bytes.Load(); b != nil {
		return *b
	}
	return nil
}

// Commit makes the first n bytes usable. It never takes memory back, so a
// smaller n than before does nothing. n is a multiple of [Granule].
func (r *Region) Commit(n uint64) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.arena == nil {
		return fmt.Errorf("commit %#x bytes: %w", n, ErrFreed)
	}
	if n == 0 {
		return nil
	}
	if _, err := checkSpan("region", 0, n, r.arena.size); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	if err := r.arena.commit(n); err != nil {
		return fmt.Errorf("commit %#x bytes: %w", n, err)
	}
	return nil
}

// Resident returns how many bytes of memory this region takes for itself:
// private pages in memory or in swap, and what it keeps to be copied again.
// Shared objects are not counted, nor is what the region still has in common
// with the one it was copied from. On systems that do not tell which pages were
// touched (Windows), it is what was committed.
func (r *Region) Resident() (uint64, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.arena == nil {
		return 0, fmt.Errorf("count resident memory: %w", ErrFreed)
	}
	sum := r.heritage.size()
	for _, gap := range private(*r.shared.Load(), r.arena.size) {
		if err := r.arena.touched(gap, func(s span) { sum += s.len() }); err != nil {
			return 0, fmt.Errorf("count resident memory: %w", err)
		}
	}
	return sum, nil
}

// Free unmaps everything, gives the address space back and drops the
// references to shared objects. Further calls do nothing.
func (r *Region) Free() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.arena == nil {
		return nil
	}
	a := r.arena
	r.arena = nil
	r.bytes.Store(nil)
	r.heritage.forget(span{0, a.size})
	err := a.free()
	r.publish(nil)
	if err != nil {
		return fmt.Errorf("free memory region: %w", err)
	}
	return nil
}
