package memory

import (
	"bytes"
	"errors"
	"runtime"
	"testing"
)

const gib = 1 << 30

// reserve returns a region of size bytes, all usable, freed with the test.
func reserve(t testing.TB, size uint64) *Region {
	t.Helper()
	r, err := Reserve(size)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { must(t, r.Free()) })
	must(t, r.Commit(min(size, 64<<20)))
	return r
}

// object returns an object of size bytes, released with the test.
func object(t testing.TB, size uint64) *Object {
	t.Helper()
	o, err := NewObject(size)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(o.Release)
	return o
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// fill writes length bytes of value at off.
func fill(r *Region, off, length uint64, value byte) {
	b := r.Bytes()[off : off+length]
	for i := range b {
		b[i] = value
	}
}

// expect fails unless the length bytes at off all have value.
func expect(t testing.TB, r *Region, off, length uint64, value byte) {
	t.Helper()
	if length == 0 {
		t.Fatal("nothing to check")
	}
	got := r.Bytes()[off : off+length]
	if want := bytes.Repeat([]byte{value}, int(length)); !bytes.Equal(got, want) {
		i := 0
		for got[i] == value {
			i++
		}
		t.Fatalf("byte at %#x is %#x; want %#x", off+uint64(i), got[i], value)
	}
}

func TestReserveIsZeroAndKeepsItsBase(t *testing.T) {
	t.Parallel()
	r := reserve(t, 2*gib)
	b := r.Bytes()
	if len(b) != 2*gib || cap(b) != 2*gib {
		t.Fatalf("len %d, cap %d; want %d", len(b), cap(b), 2*gib)
	}
	expect(t, r, 0, Granule, 0)
	must(t, r.Commit(128<<20))
	fill(r, 128<<20-Granule, Granule, 7)
	if &r.Bytes()[0] != &b[0] {
		t.Fatal("the base moved")
	}
}

func TestReserveManyRegions(t *testing.T) {
	t.Parallel()
	const regions = 200
	for i := range regions {
		r, err := Reserve(2 * gib)
		if err != nil {
			t.Fatalf("region %d: %v", i, err)
		}
		defer func() { must(t, r.Free()) }()
		must(t, r.Commit(Granule))
		fill(r, 0, 1, byte(i))
	}
}

func TestResidentCountsTouchedPrivatePages(t *testing.T) {
	t.Parallel()
	r, o := reserve(t, 2*gib), object(t, 16*Granule)
	must(t, r.MapShared(0, 16*Granule, o, 0))
	fill(r, 0, 16*Granule, 1)
	for off := uint64(16 * Granule); off < 48*Granule; off += 4 * Granule {
		fill(r, off, 1, 1)
	}
	got, err := r.Resident()
	must(t, err)
	limit := uint64(32 * Granule)
	if runtime.GOOS == "windows" {
		limit = 64 << 20 // what reserve has committed
	}
	if got < 8*hostPage || got > limit {
		t.Fatalf("%d bytes resident; want 8 pages or a little more", got)
	}
}

func TestFree(t *testing.T) {
	t.Parallel()
	r, err := Reserve(2 * Granule)
	must(t, err)
	o := object(t, Granule)
	must(t, r.MapShared(0, Granule, o, 0))
	must(t, r.Free())
	must(t, r.Free())
	if refs := o.refs.Load(); refs != 1 {
		t.Errorf("%d references to the object; want the maker's", refs)
	}
	if r.Bytes() != nil || len(r.Shared()) != 0 {
		t.Error("a freed region has memory")
	}
	other := reserve(t, 2*Granule)
	_, resident := r.Resident()
	_, from := r.CopyTo(other, Granule)
	_, to := other.CopyTo(r, Granule)
	for name, err := range map[string]error{
		"Commit": r.Commit(Granule), "MapShared": r.MapShared(0, Granule, o, 0),
		"Unmap": r.Unmap(0, Granule), "Resident": resident, "CopyTo from": from, "CopyTo to": to,
	} {
		if !errors.Is(err, ErrFreed) {
			t.Errorf("%s after Free: %v; want ErrFreed", name, err)
		}
	}
}

func TestMisuse(t *testing.T) {
	t.Parallel()
	const size = 4 * Granule
	r, dst, o := reserve(t, size), reserve(t, size), object(t, Granule+1)
	top := ^uint64(0) - Granule + 1 // the last multiple of Granule
	reserveOf := func(size uint64) error {
		r, err := Reserve(size)
		if err == nil {
			_ = r.Free()
		}
		return err
	}
	copyTo := func(to *Region, n uint64) error { _, err := r.CopyTo(to, n); return err }
	for name, err := range map[string]error{
		"reserve nothing":           reserveOf(0),
		"reserve unaligned":         reserveOf(Granule + 4096),
		"reserve too much":          reserveOf(top),
		"commit unaligned":          r.Commit(1),
		"commit too much":           r.Commit(size + Granule),
		"map at unaligned offset":   r.MapShared(4096, Granule, o, 0),
		"map unaligned length":      r.MapShared(0, 4096, o, 0),
		"map nothing":               r.MapShared(0, 0, o, 0),
		"map beyond the region":     r.MapShared(size, Granule, o, 0),
		"map over the end":          r.MapShared(size-Granule, 2*Granule, o, 0),
		"map offset overflow":       r.MapShared(top, 2*Granule, o, 0),
		"map unaligned in object":   r.MapShared(0, Granule, o, 1),
		"map beyond the object":     r.MapShared(0, 3*Granule, o, 0),
		"map object overflow":       r.MapShared(0, 2*Granule, o, top),
		"unmap unaligned":           r.Unmap(1, Granule),
		"unmap beyond the region":   r.Unmap(0, size+Granule),
		"copy to itself":            copyTo(r, Granule),
		"copy unaligned":            copyTo(dst, 1),
		"copy more than the source": copyTo(dst, size+Granule),
		"shrink":                    o.Resize(Granule),
		"huge object":               o.Resize(top),
	} {
		if !errors.Is(err, ErrRange) {
			t.Errorf("%s: %v; want ErrRange", name, err)
		}
	}
	if _, err := NewObject(top); !errors.Is(err, ErrRange) {
		t.Errorf("huge new object: %v; want ErrRange", err)
	}
	if len(r.Shared()) != 0 || o.refs.Load() != 1 {
		t.Error("a refused call left a mapping")
	}
}
