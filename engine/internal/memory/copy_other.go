//go:build !linux

package memory

import "bytes"

// heritage is what a region has in common with others: nothing here.
type heritage struct{}

func (heritage) forget(span) {}

func (heritage) size() uint64 { return 0 }

// copyPrivate copies the pages of gaps that are not zero to dst, which is zero
// there; both locks are held.
func (r *Region) copyPrivate(dst *Region, gaps []span) (copied uint64, err error) {
	content, err := r.content(gaps)
	if err != nil {
		return 0, err
	}
	from, to := r.arena.bytes(), dst.arena.bytes()
	eachPage(content, func(off uint64) {
		if page := from[off : off+hostPage]; !bytes.Equal(page, zeroPage[:]) {
			copied += uint64(copy(to[off:], page))
		}
	})
	return copied, nil
}
