package memory

import (
	"bytes"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"unsafe"
)

func TestCopyTo(t *testing.T) {
	t.Parallel()
	copyTo(t)
}

func copyTo(t *testing.T) {
	t.Helper()
	const n = 32 * Granule
	src, dst, o := reserve(t, 2*gib), reserve(t, 2*gib), object(t, 4*Granule)
	must(t, src.MapShared(8*Granule, 2*Granule, o, Granule))
	fill(src, 0, 3*hostPage, 1)
	fill(src, 5*Granule+hostPage, 1, 2)
	fill(src, 8*Granule, 2*Granule, 3)
	fill(src, n, hostPage, 9)
	fill(dst, 0, 8*hostPage, 4) // a module's data, partly overwritten
	fill(dst, 20*Granule, 1, 4) // and data where the source has none
	other := object(t, Granule) // a mapping that the source does not have
	must(t, dst.MapShared(6*Granule, Granule, other, 0))
	fill(dst, 6*Granule, 1, 4)

	copied, err := src.CopyTo(dst, n)
	must(t, err)
	if copied != 4*hostPage {
		t.Errorf("copied %d bytes; want %d", copied, 4*hostPage)
	}
	must(t, dst.Commit(n+Granule))
	expect(t, dst, 0, 3*hostPage, 1)
	expect(t, dst, 3*hostPage, 5*Granule-2*hostPage, 0)
	expect(t, dst, 5*Granule+hostPage, 1, 2)
	expect(t, dst, 5*Granule+hostPage+1, 3*Granule-hostPage-1, 0)
	expect(t, dst, 8*Granule, 2*Granule, 3)
	expect(t, dst, 10*Granule, n-10*Granule+hostPage, 0)
	if refs := other.refs.Load(); refs != 1 {
		t.Errorf("%d references to the replaced object; want 1", refs)
	}

	fill(dst, 0, 1, 5) // private: each its own
	expect(t, src, 0, 1, 1)
	fill(src, hostPage, 1, 6)
	expect(t, dst, hostPage, 1, 1)
	fill(dst, 8*Granule, 1, 7) // shared: both
	expect(t, src, 8*Granule, 1, 7)
	if got, want := fmt.Sprint(dst.Shared()), fmt.Sprint(src.Shared()); got != want {
		t.Errorf("mappings %s; want %s", got, want)
	}
}

// TestCopyToAgain forks children one after the other while the parent goes on
// writing, and a child of a child.
func TestCopyToAgain(t *testing.T) {
	t.Parallel()
	copyToAgain(t)
}

func copyToAgain(t *testing.T) {
	t.Helper()
	const pages = 200
	parent := reserve(t, 2*gib)
	for i := range uint64(pages) {
		fill(parent, i*3*hostPage, hostPage, byte(i+1))
	}
	n := roundUp(pages * 3 * hostPage)
	for round := range uint64(12) {
		changed := round * 17 % pages
		fill(parent, changed*3*hostPage, hostPage, 0xF0)
		if round == 6 { // most pages at once
			for i := range uint64(pages) {
				fill(parent, (i*3+1)*hostPage, 8, byte(i+1))
			}
		}
		child, grandchild := reserve(t, 2*gib), reserve(t, 2*gib)
		if _, err := parent.CopyTo(child, n); err != nil {
			t.Fatal(err)
		}
		equal(t, parent, child, n)
		fill(child, 0, 1, 0xEE)
		fill(child, n-1, 1, 0xEE)
		if _, err := child.CopyTo(grandchild, n); err != nil {
			t.Fatal(err)
		}
		equal(t, child, grandchild, n)
		must(t, child.Unmap(0, 2*Granule))
		must(t, child.MapShared(4*Granule, Granule, object(t, Granule), 0))
		if _, err := child.CopyTo(grandchild, n); err != nil {
			t.Fatal(err)
		}
		equal(t, child, grandchild, n)
		expect(t, grandchild, 0, 2*Granule, 0)
		if parent.Bytes()[0] == 0xEE {
			t.Fatal("a child wrote to its parent")
		}
		if round%2 == 0 {
			must(t, child.Free())
		}
	}
}

func equal(t *testing.T, a, b *Region, n uint64) {
	t.Helper()
	if n == 0 {
		t.Fatal("nothing to check")
	}
	for off := uint64(0); off < n; off += hostPage {
		if !bytes.Equal(a.Bytes()[off:off+hostPage], b.Bytes()[off:off+hostPage]) {
			t.Fatalf("the page at %#x differs", off)
		}
	}
}

// TestCopyToBothWays would deadlock if the locks were taken in the order of
// the arguments.
func TestCopyToBothWays(t *testing.T) {
	t.Parallel()
	a, b := reserve(t, 4*Granule), reserve(t, 4*Granule)
	done := make(chan error)
	for _, pair := range [][2]*Region{{a, b}, {b, a}} {
		go func() {
			var errs error
			for range 200 {
				_, err := pair[0].CopyTo(pair[1], 4*Granule)
				errs = errors.Join(errs, err)
			}
			done <- errs
		}()
	}
	must(t, errors.Join(<-done, <-done))
}

// TestCopyToOfMemoryInUse copies while another goroutine sets bits in the
// parent, as a sender of signals does: none may be lost.
func TestCopyToOfMemoryInUse(t *testing.T) {
	t.Parallel()
	parent, child := reserve(t, 2*gib), reserve(t, 2*gib)
	fill(parent, 0, 4*Granule, 1)
	word := (*atomic.Uint64)(unsafe.Pointer(&parent.Bytes()[2*Granule]))
	word.Store(0)
	var stop atomic.Bool
	sent := make(chan uint64)
	go func() {
		var n uint64
		for ; !stop.Load(); n++ {
			word.Add(1)
		}
		sent <- n
	}()
	for range 300 {
		_, err := parent.CopyTo(child, 4*Granule)
		must(t, err)
	}
	stop.Store(true)
	if want, got := <-sent, word.Load(); got != want || want == 0 {
		t.Fatalf("%d of %d updates left", got, want)
	}
}

// BenchmarkFork measures Reserve, CopyTo, the first writes of the child, and
// Free; image_linux.go has the results.
func BenchmarkFork(b *testing.B) {
	for _, c := range []struct {
		name    string
		pages   uint64 // resident
		stride  uint64 // one page in so many is resident
		changed uint64 // pages that the parent writes between two forks
		written uint64 // pages that a child writes
	}{
		{"2.6MB-idle", 650, 8, 20, 0},
		{"2.6MB", 650, 8, 20, 150},
		{"2.6MB-all", 650, 8, 20, 650},
		{"20MB-idle", 5000, 2, 50, 0},
		{"20MB", 5000, 2, 50, 500},
	} {
		b.Run(c.name, func(b *testing.B) {
			parent := reserve(b, 2*gib)
			o := object(b, 128<<20)
			n := roundUp(c.pages * c.stride * hostPage)
			must(b, parent.MapShared(n, 128<<20, o, 0))
			at := func(i uint64) uint64 { return i/16*16*c.stride*hostPage + i%16*hostPage } // runs of 16 pages
			for i := range c.pages {
				fill(parent, at(i), hostPage, byte(i%255+1))
			}
			var resident uint64
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				for p := range c.changed {
					parent.Bytes()[at((p*31+uint64(i))%c.pages)]++
				}
				child, err := Reserve(2 * gib)
				must(b, err)
				_, err = parent.CopyTo(child, n+128<<20)
				must(b, err)
				for p := range c.written {
					child.Bytes()[at(p)]++
				}
				if i == 0 {
					resident, err = child.Resident()
					must(b, err)
				}
				must(b, child.Free())
			}
			b.ReportMetric(float64(resident)/1024, "KiB/child")
		})
	}
}
