package memory

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"unsafe"
)

func TestSharedObject(t *testing.T) {
	t.Parallel()
	a, b, o := reserve(t, 2*gib), reserve(t, 2*gib), object(t, 4*Granule)
	must(t, a.MapShared(Granule, 4*Granule, o, 0))
	must(t, b.MapShared(10*Granule, 2*Granule, o, Granule))
	fill(a, 2*Granule, 10, 1)
	expect(t, b, 10*Granule, 10, 1)
	fill(b, 11*Granule, 10, 2)
	expect(t, a, 3*Granule, 10, 2)
	fill(b, 12*Granule, 10, 3) // beyond the mapping
	expect(t, a, 4*Granule, 10, 0)
}

func TestSharedAtomics(t *testing.T) {
	t.Parallel()
	o := object(t, Granule)
	const each = 200_000
	var wg sync.WaitGroup
	words := make([]*atomic.Uint32, 2)
	for i := range words {
		r := reserve(t, 4*Granule)
		must(t, r.MapShared(uint64(i)*Granule, Granule, o, 0))
		words[i] = (*atomic.Uint32)(unsafe.Pointer(&r.Bytes()[i*Granule+128]))
		wg.Go(func() {
			for range each {
				words[i].Add(1)
			}
		})
	}
	wg.Wait()
	if a, b := words[0].Load(), words[1].Load(); a != 2*each || b != 2*each {
		t.Fatalf("%d and %d; want %d", a, b, 2*each)
	}
}

func TestUnmapIsZero(t *testing.T) {
	t.Parallel()
	r, o := reserve(t, 16*Granule), object(t, 8*Granule)
	fill(r, 0, 16*Granule, 1)
	must(t, r.MapShared(4*Granule, 8*Granule, o, 0))
	expect(t, r, 4*Granule, 8*Granule, 0)
	fill(r, 4*Granule, 8*Granule, 2)
	must(t, r.Unmap(2*Granule, 4*Granule)) // private and shared
	expect(t, r, 0, 2*Granule, 1)
	expect(t, r, 2*Granule, 4*Granule, 0)
	expect(t, r, 6*Granule, 6*Granule, 2)
	fill(r, 2*Granule, 4*Granule, 3) // private now
	must(t, r.MapShared(12*Granule, 2*Granule, o, 0))
	expect(t, r, 12*Granule, 2*Granule, 2)
	must(t, r.Unmap(8*Granule, Granule)) // out of the middle
	expect(t, r, 7*Granule, Granule, 2)
	expect(t, r, 8*Granule, Granule, 0)
	expect(t, r, 9*Granule, 3*Granule, 2)
	expect(t, r, 14*Granule, 2*Granule, 1)
}

func TestResolve(t *testing.T) {
	t.Parallel()
	r, o, p := reserve(t, 16*Granule), object(t, 8*Granule), object(t, Granule)
	must(t, r.MapShared(4*Granule, 8*Granule, o, 0))
	must(t, r.MapShared(6*Granule, Granule, p, 0))
	must(t, r.Unmap(8*Granule, Granule))
	want := []Mapping{{4 * Granule, 2 * Granule, o, 0}, {6 * Granule, Granule, p, 0}, {7 * Granule, Granule, o, 3 * Granule}, {9 * Granule, 3 * Granule, o, 5 * Granule}}
	if got := r.Shared(); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Fatalf("mappings %v; want %v", got, want)
	}
	for _, c := range []struct {
		off    uint64
		o      *Object
		objOff uint64
	}{
		{0, nil, 0},
		{4*Granule - 1, nil, 0},
		{4 * Granule, o, 0},
		{6*Granule - 1, o, 2*Granule - 1},
		{6*Granule + 4, p, 4},
		{7 * Granule, o, 3 * Granule},
		{8 * Granule, nil, 0},
		{9 * Granule, o, 5 * Granule},
		{12*Granule - 1, o, 8*Granule - 1},
		{12 * Granule, nil, 0},
		{1 << 60, nil, 0},
	} {
		got, objOff, ok := r.Resolve(c.off)
		if got != c.o || objOff != c.objOff || ok != (c.o != nil) {
			t.Errorf("Resolve(%#x) = %p, %#x, %t; want %p, %#x", c.off, got, objOff, ok, c.o, c.objOff)
		}
	}
	if got := o.refs.Load(); got != 4 {
		t.Errorf("%d references; want one for each part and the maker's", got)
	}
	if o.ID() == p.ID() || o.ID() == 0 {
		t.Errorf("IDs %d and %d; want two", o.ID(), p.ID())
	}
}

func TestResolveWhileMapping(t *testing.T) {
	t.Parallel()
	r, o := reserve(t, 16*Granule), object(t, 8*Granule)
	must(t, r.MapShared(0, Granule, o, 0))
	stop := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
			}
			if got, objOff, ok := r.Resolve(8); !ok || got != o || objOff != 8 {
				t.Error("a mapping that stays was lost")
				return
			}
		}
	})
	for range 500 {
		must(t, r.MapShared(4*Granule, 4*Granule, o, 0))
		must(t, r.Unmap(5*Granule, 3*Granule))
	}
	close(stop)
	wg.Wait()
}

func TestResizeOfMappedObject(t *testing.T) {
	t.Parallel()
	a, b, o := reserve(t, 64*Granule), reserve(t, 64*Granule), object(t, 0)
	if err := a.MapShared(0, Granule, o, 0); err == nil {
		t.Fatal("mapped an object without memory")
	}
	must(t, o.Resize(Granule+1))
	must(t, a.MapShared(0, 2*Granule, o, 0)) // rounded up
	fill(a, 0, 2*Granule, 1)
	must(t, o.Resize(8*Granule))
	if o.Size() != 8*Granule {
		t.Fatalf("size %d; want %d", o.Size(), 8*Granule)
	}
	must(t, b.MapShared(Granule, 8*Granule, o, 0))
	expect(t, b, Granule, 2*Granule, 1)
	expect(t, b, 3*Granule, 6*Granule, 0)
	must(t, a.MapShared(2*Granule, 4*Granule, o, 2*Granule))
	fill(a, 0, 6*Granule, 2)
	expect(t, b, Granule, 6*Granule, 2)
	must(t, b.Unmap(2*Granule, 4*Granule))
	expect(t, b, 6*Granule, Granule, 2)
}

// TestObjectOutlivesItsMaker frees the maker's reference and one region while
// another still has the object mapped.
func TestObjectOutlivesItsMaker(t *testing.T) {
	t.Parallel()
	o, err := NewObject(2 * Granule)
	must(t, err)
	a, err := Reserve(4 * Granule)
	must(t, err)
	b := reserve(t, 4*Granule)
	must(t, a.MapShared(0, 2*Granule, o, 0))
	must(t, b.MapShared(Granule, 2*Granule, o, 0))
	o.Release()
	fill(a, 0, 2*Granule, 1)
	must(t, a.Free())
	expect(t, b, Granule, 2*Granule, 1)
	c := reserve(t, 4*Granule)
	_, err = b.CopyTo(c, 4*Granule)
	must(t, err)
	must(t, b.Free())
	fill(c, 2*Granule, 1, 2)
	expect(t, c, Granule, Granule, 1)
	must(t, c.Unmap(0, 4*Granule))
	if refs := o.refs.Load(); refs != 0 {
		t.Fatalf("%d references left; want none", refs)
	}
	defer func() {
		if recover() == nil {
			t.Error("Retain of a released object did not panic")
		}
	}()
	o.Retain()
}
