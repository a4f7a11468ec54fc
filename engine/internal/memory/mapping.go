package memory

import (
	"fmt"
	"slices"
	"sort"
)

// Mapping says that Length bytes of a region from Off on are those of Object
// from ObjOff on. The region holds a reference to Object for it.
type Mapping struct {
	Off, Length uint64
	Object      *Object
	ObjOff      uint64
}

func (m Mapping) end() uint64 { return m.Off + m.Length }

// part returns the mapping of the part of m within s, of length 0 when there
// is none.
func (m Mapping) part(s span) Mapping {
	off, end := max(m.Off, s.off), min(m.end(), s.end)
	if off >= end {
		return Mapping{}
	}
	return Mapping{Off: off, Length: end - off, Object: m.Object, ObjOff: m.ObjOff + off - m.Off}
}

// MapShared maps length bytes of o from objOff on at off, instead of what was
// there: private memory is lost, other mappings are replaced. The object must
// reach to objOff+length, its size rounded up to [Granule]. An error that wraps
// [ErrRange] leaves the region as it was; after one of the system (out of
// mappings, of memory) the range may be lost, and the process should be ended.
func (r *Region) MapShared(off, length uint64, o *Object, objOff uint64) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.mapShared(off, length, o, objOff); err != nil {
		return fmt.Errorf("map shared memory: %w", err)
	}
	return nil
}

// mapShared is MapShared, with r.mu held.
func (r *Region) mapShared(off, length uint64, o *Object, objOff uint64) error {
	if r.arena == nil {
		return ErrFreed
	}
	s, err := checkSpan("region", off, length, r.arena.size)
	if err != nil {
		return err
	}
	o.mu.RLock()
	defer o.mu.RUnlock()
	if _, err := checkSpan("object", objOff, length, roundUp(o.size)); err != nil {
		return err
	}
	if err := r.arena.mapShared(s, &o.backing, objOff); err != nil {
		return err
	}
	r.heritage.forget(s)
	list := append(without(*r.shared.Load(), s), Mapping{off, length, o, objOff})
	sort.Slice(list, func(i, j int) bool { return list[i].Off < list[j].Off })
	r.publish(list)
	return nil
}

// Unmap makes length bytes at off private and zero-filled again, whether they
// were shared, private, or some of each. Errors are as with [Region.MapShared].
func (r *Region) Unmap(off, length uint64) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.arena == nil {
		return fmt.Errorf("unmap memory: %w", ErrFreed)
	}
	s, err := checkSpan("region", off, length, r.arena.size)
	if err != nil {
		return fmt.Errorf("unmap memory: %w", err)
	}
	if err := r.arena.zero(s); err != nil {
		return fmt.Errorf("unmap memory: %w", err)
	}
	r.heritage.forget(s)
	r.publish(without(*r.shared.Load(), s))
	return nil
}

// Shared returns the mappings of shared objects, sorted by offset. An object
// in it is only sure to live on while the region keeps the mapping.
func (r *Region) Shared() []Mapping { return slices.Clone(*r.shared.Load()) }

// Resolve tells which object, and which offset in it, is mapped at off; ok is
// false for private memory. It takes no lock, so it can be used for each futex
// call. As with [Region.Shared], the region holds the reference.
func (r *Region) Resolve(off uint64) (o *Object, objOff uint64, ok bool) {
	list := *r.shared.Load()
	i := sort.Search(len(list), func(i int) bool { return list[i].end() > off })
	if i == len(list) || off < list[i].Off {
		return nil, 0, false
	}
	m := list[i]
	return m.Object, m.ObjOff + off - m.Off, true
}

// publish makes list the region's mappings, with a reference for each; r.mu is
// held.
func (r *Region) publish(list []Mapping) {
	for _, m := range list {
		m.Object.Retain()
	}
	for _, m := range *r.shared.Swap(&list) {
		m.Object.Release()
	}
}

// without returns a new list: the mappings of list with s taken out.
func without(list []Mapping, s span) []Mapping {
	var kept []Mapping
	for _, m := range list {
		for _, side := range []span{{0, s.off}, {s.end, m.end()}} {
			if p := m.part(side); p.Length > 0 {
				kept = append(kept, p)
			}
		}
	}
	return kept
}

// private returns the ranges below n that list leaves private, in order.
func private(list []Mapping, n uint64) []span {
	var gaps []span
	var off uint64
	for _, m := range list {
		if m.Off >= n {
			break
		}
		if off < m.Off {
			gaps = append(gaps, span{off, m.Off})
		}
		off = m.end()
	}
	if off < n {
		gaps = append(gaps, span{off, n})
	}
	return gaps
}
