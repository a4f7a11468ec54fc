package memory

import (
	"cmp"
	"slices"
)

// span is the half-open range [off, end) of offsets into a region.
type span struct{ off, end uint64 }

func (s span) len() uint64 { return s.end - s.off }

func (s span) overlaps(o span) bool { return s.off < o.end && o.off < s.end }

// emit calls visit with s unless it is empty.
func emit(s span, visit func(span)) {
	if s.len() > 0 {
		visit(s)
	}
}

// merge returns list sorted, with spans joined that overlap or have at
// most slack bytes between them.
func merge(list []span, slack uint64) []span {
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b span) int { return cmp.Compare(a.off, b.off) })
	merged := list[:0]
	for _, s := range list {
		if last := len(merged) - 1; last >= 0 && s.off <= merged[last].end+slack {
			merged[last].end = max(merged[last].end, s.end)
		} else {
			merged = append(merged, s)
		}
	}
	return merged
}

// subtract returns the parts of list outside of s.
func subtract(list []span, s span) []span {
	var rest []span
	for _, l := range list {
		if !l.overlaps(s) {
			rest = append(rest, l)
			continue
		}
		if l.off < s.off {
			rest = append(rest, span{l.off, s.off})
		}
		if l.end > s.end {
			rest = append(rest, span{s.end, l.end})
		}
	}
	return rest
}

// clip returns the parts of list within s.
func clip(list []span, s span) []span {
	var parts []span
	for _, l := range list {
		if l.overlaps(s) {
			parts = append(parts, span{max(l.off, s.off), min(l.end, s.end)})
		}
	}
	return parts
}
