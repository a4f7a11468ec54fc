package memory

import (
	"math/rand"
	"testing"
)

// TestRandomCalls maps, unmaps, writes and copies at random, and compares one
// byte of each granule with a model of plain Go values.
func TestRandomCalls(t *testing.T) {
	t.Parallel()
	randomCalls(t)
}

func randomCalls(t *testing.T) {
	t.Helper()
	const granules, objectGranules = 24, 20
	o := object(t, 5*Granule)
	must(t, o.Resize(11*Granule)) // more than one section on Windows
	must(t, o.Resize(objectGranules*Granule))
	var shared [objectGranules]byte
	type cell struct {
		private byte
		at      int // of the object, plus 1; 0 for private
	}
	type process struct {
		*Region
		cells [granules]cell
	}
	var all [3]process
	for i := range all {
		all[i].Region = reserve(t, granules*Granule)
	}
	rng := rand.New(rand.NewSource(1))
	for step := range 4000 {
		p := &all[rng.Intn(len(all))]
		off := rng.Intn(granules)
		n := 1 + rng.Intn(granules-off)
		switch rng.Intn(5) {
		case 0:
			must(t, p.Unmap(uint64(off)*Granule, uint64(n)*Granule))
			clear(p.cells[off : off+n])
		case 1:
			at := rng.Intn(objectGranules)
			n = min(n, objectGranules-at, 4)
			must(t, p.MapShared(uint64(off)*Granule, uint64(n)*Granule, o, uint64(at)*Granule))
			for i := range n {
				p.cells[off+i] = cell{at: at + i + 1}
			}
		case 2:
			q := &all[rng.Intn(len(all))]
			if p == q {
				continue
			}
			_, err := p.CopyTo(q.Region, granules*Granule)
			must(t, err)
			q.cells = p.cells
		default:
			for i := off; i < off+min(n, 3); i++ {
				value := byte(rng.Intn(4))
				p.Bytes()[i*Granule] = value
				if c := &p.cells[i]; c.at > 0 {
					shared[c.at-1] = value
				} else {
					c.private = value
				}
			}
		}
		for i := range all {
			for j, c := range all[i].cells {
				want := c.private
				if c.at > 0 {
					want = shared[c.at-1]
				}
				if got := all[i].Bytes()[j*Granule]; got != want {
					t.Fatalf("step %d: granule %d of region %d has %d; want %d", step, j, i, got, want)
				}
			}
		}
	}
}
