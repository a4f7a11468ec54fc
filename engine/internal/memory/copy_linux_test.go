package memory

import (
	"os"
	"testing"
)

func TestCopyOwnsOnlyWhatItWrites(t *testing.T) {
	t.Parallel()
	parent, child := reserve(t, 2*gib), reserve(t, 2*gib)
	fill(parent, 0, 40*Granule, 1)
	_, err := parent.CopyTo(child, 64*Granule)
	must(t, err)
	expect(t, child, 0, 40*Granule, 1) // reading costs nothing
	page := uint64(os.Getpagesize())
	for written := range uint64(4) {
		got, err := child.Resident()
		must(t, err)
		if got != written*page {
			t.Fatalf("%d bytes resident after %d written pages; want %d", got, written, written*page)
		}
		child.Bytes()[written*3*page]++
	}
}

// TestCopyAfterChanges checks that copies stay right, and share again, when
// the parent has changed much since its image was made.
func TestCopyAfterChanges(t *testing.T) {
	t.Parallel()
	const n = 40 * Granule
	parent := reserve(t, 2*gib)
	var resident []uint64
	for round := range byte(3) {
		fill(parent, 0, n, round+1)
		for range 2 {
			child := reserve(t, 2*gib)
			_, err := parent.CopyTo(child, n)
			must(t, err)
			expect(t, child, 0, n, round+1)
			size, err := child.Resident()
			must(t, err)
			resident = append(resident, size)
		}
	}
	for i, want := range []uint64{0, 0, n, 0, n, 0} {
		if resident[i] != want {
			t.Fatalf("copies have %d bytes of their own; number %d should have %d", resident, i, want)
		}
	}
}

func TestExtentsAreFew(t *testing.T) {
	t.Parallel()
	var content []span
	for off := uint64(0); off < gib; off += 17 * Granule {
		content = append(content, span{off, off + hostPage})
	}
	gaps := []span{{0, gib / 2}, {gib/2 + Granule, gib}}
	extents := extentsOf(content, gaps)
	if len(extents) == 0 || len(extents) > maxExtents {
		t.Fatalf("%d extents; want 1 to %d", len(extents), maxExtents)
	}
	for _, c := range content {
		for _, gap := range gaps {
			if c.overlaps(gap) && len(clip(extents, c)) != 1 {
				t.Fatalf("the content at %#x is in no extent", c.off)
			}
		}
	}
	for _, e := range extents {
		if e.overlaps(span{gib / 2, gib/2 + Granule}) {
			t.Fatalf("extent %v covers what is not private", e)
		}
	}
}

// TestCopyWithoutPagemap does without /proc, as some sandboxes must.
func TestCopyWithoutPagemap(t *testing.T) {
	open := openPagemap
	defer func() { openPagemap = open }()
	openPagemap = func() (*os.File, error) { return nil, os.ErrNotExist }
	t.Run("CopyTo", copyTo)
	t.Run("Again", copyToAgain)
	t.Run("Random", randomCalls)
}
