package memory

import (
	"fmt"
	"sync"
	"sync/atomic"
)

// maxObjectSize bounds an object: no 32-bit guest can map more, and rounding
// and the systems' signed sizes stay far from overflow.
const maxObjectSize = 1 << 40

var lastObjectID atomic.Uint64

// Object is anonymous shared memory, zero-filled at first, that any number of
// regions can map. It is reference-counted: its maker holds the first
// reference, each [Mapping] of a region holds one, and the memory is given back
// with the last. All methods are safe for concurrent use by holders of a
// reference.
//
// Linux: memfd_create(2). Windows: CreateFileMapping on the paging file.
// Elsewhere: a temporary file without a name.
type Object struct {
	id   uint64
	refs atomic.Int64

	mu      sync.RWMutex // guards what follows; resize against mapping
	size    uint64
	backing backing
}

// NewObject makes an object of size bytes; 0 is allowed, for an object that
// gets its size later.
func NewObject(size uint64) (*Object, error) {
	if size > maxObjectSize {
		return nil, fmt.Errorf("%w: a shared memory object of %d bytes; at most %d", ErrRange, size,
			uint64(maxObjectSize))
	}
	o := &Object{id: lastObjectID.Add(1), size: size}
	if err := o.backing.open(); err != nil {
		return nil, fmt.Errorf("make a shared memory object: %w", err)
	}
	if err := o.backing.grow(0, roundUp(size)); err != nil {
		o.backing.close()
		return nil, fmt.Errorf("make a shared memory object of %d bytes: %w", size, err)
	}
	o.refs.Store(1)
	return o, nil
}

// ID returns a number that no other object of this program has or will have.
func (o *Object) ID() uint64 { return o.id }

// Size returns the size in bytes as last asked for. Mappings may reach to its
// next multiple of [Granule].
func (o *Object) Size() uint64 {
	o.mu.RLock()
	defer o.mu.RUnlock()
	return o.size
}

// Resize makes the object larger; the added bytes are zero. It does not make
// objects smaller: a process that has the lost part mapped would fault, and
// such a fault ends the whole program.
func (o *Object) Resize(size uint64) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if size < o.size || size > maxObjectSize {
		return fmt.Errorf("%w: resize shared memory object %d from %d to %d bytes; it can only grow, to at most %d",
			ErrRange, o.id, o.size, size, uint64(maxObjectSize))
	}
	if from, to := roundUp(o.size), roundUp(size); to > from {
		if err := o.backing.grow(from, to); err != nil {
			return fmt.Errorf("resize shared memory object %d to %d bytes: %w", o.id, size, err)
		}
	}
	o.size = size
	return nil
}

// Retain adds a reference. It panics when there was none left, since the
// memory is gone then.
func (o *Object) Retain() {
	if o.refs.Add(1) <= 1 {
		panic(fmt.Sprintf("memory: Retain of the released object %d", o.id))
	}
}

// Release drops a reference; the last one gives the memory back. It panics
// when there was none left.
func (o *Object) Release() {
	switch n := o.refs.Add(-1); {
	case n == 0:
		o.mu.Lock()
		defer o.mu.Unlock()
		o.backing.close()
	case n < 0:
		panic(fmt.Sprintf("memory: Release of the released object %d", o.id))
	}
}
