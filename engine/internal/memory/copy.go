package memory

import "fmt"

// CopyTo makes dst what r is, as fork(2) does: the private memory below n is
// copied, all else that was private in dst becomes zero, and what r has mapped
// shared is mapped at the same offsets of dst. Its first n bytes are committed
// then, and no more. CopyTo returns how many bytes were
// copied. Only pages with content are copied, so an untouched gigabyte costs
// nothing. r is only read, and may be in use: pages that change meanwhile are
// copied as they were before, after, or in part.
//
// After an error the content of dst is undefined; free it.
func (r *Region) CopyTo(dst *Region, n uint64) (copied uint64, err error) {
	if r == dst {
		return 0, fmt.Errorf("%w: copy of a memory region to itself", ErrRange)
	}
	first, second := r, dst
	if dst.id < r.id {
		first, second = dst, r
	}
	first.mu.Lock()
	defer first.mu.Unlock()
	second.mu.Lock()
	defer second.mu.Unlock()
	if copied, err = r.copyTo(dst, n); err != nil {
		return copied, fmt.Errorf("copy memory region: %w", err)
	}
	return copied, nil
}

// copyTo is CopyTo, with both locks held.
func (r *Region) copyTo(dst *Region, n uint64) (copied uint64, err error) {
	if r.arena == nil || dst.arena == nil {
		return 0, ErrFreed
	}
	if n > 0 {
		if _, err := checkSpan("region", 0, n, min(r.arena.size, dst.arena.size)); err != nil {
			return 0, err
		}
	}
	if err := dst.reset(); err != nil {
		return 0, err
	}
	list := *r.shared.Load()
	for _, m := range list {
		if err := dst.mapShared(m.Off, m.Length, m.Object, m.ObjOff); err != nil {
			return 0, err
		}
	}
	if err := dst.arena.commit(n); err != nil {
		return 0, err
	}
	return r.copyPrivate(dst, private(list, n))
}

// reset drops all that is mapped and all private content; r.mu is held.
func (r *Region) reset() error {
	r.heritage.forget(span{0, r.arena.size})
	if err := r.arena.reset(); err != nil {
		return err
	}
	r.publish(nil)
	return nil
}

// content returns the sorted ranges within gaps that may hold more than zeros.
func (r *Region) content(gaps []span) ([]span, error) {
	var list []span
	for _, gap := range gaps {
		err := r.arena.touched(gap, func(s span) { list = append(list, s) })
		if err != nil {
			return nil, err
		}
	}
	return list, nil
}

// hostPage is the smallest page size of the supported systems.
const hostPage = 4 << 10

var zeroPage [hostPage]byte

// eachPage calls visit with the offset of each page of list.
func eachPage(list []span, visit func(off uint64)) {
	for _, s := range list {
		for off := s.off; off < s.end; off += hostPage {
			visit(off)
		}
	}
}
