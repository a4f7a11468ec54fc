package memory

import "slices"

// clear makes s one placeholder.
func (a *arena) clear(s span) error {
	if err := a.cutViews(s); err != nil {
		return err
	}
	for i := a.index(s.off); i < len(a.blocks) && a.blocks[i].off < s.end; i++ {
		b := &a.blocks[i]
		if b.kind == placeholder {
			continue
		}
		if err := toPlaceholder(b.kind, a.at(b.off), b.len()); err != nil {
			return err
		}
		*b = block{span: b.span}
	}
	// The first and the last may be placeholders that reach beyond s.
	if err := a.splitAt(s.off); err != nil {
		return err
	}
	if err := a.splitAt(s.end); err != nil {
		return err
	}
	first, last := a.index(s.off), a.index(s.end-1)
	if first == last {
		return nil
	}
	if err := coalesce(a.at(s.off), s.len()); err != nil {
		return err
	}
	a.blocks = slices.Replace(a.blocks, first, last+1, block{span: s})
	return nil
}

// cutViews divides the views that s has only a part of.
func (a *arena) cutViews(s span) error {
	for _, off := range []uint64{s.off, s.end} {
		if off == a.size {
			continue
		}
		b := a.blocks[a.index(off)]
		if b.kind != view || b.off == off {
			continue
		}
		if err := a.cutView(b, off); err != nil {
			return err
		}
	}
	return nil
}

// cutView makes two views of b, that meet at off.
func (a *arena) cutView(b block, off uint64) error {
	if err := toPlaceholder(view, a.at(b.off), b.len()); err != nil {
		return err
	}
	a.blocks[a.index(b.off)] = block{span: b.span}
	if err := a.splitAt(off); err != nil {
		return err
	}
	left, right := b, b
	left.end, right.off = off, off
	right.offset += off - b.off
	if err := a.showView(left); err != nil {
		return err
	}
	return a.showView(right)
}

// split makes s, which lies within a placeholder, a placeholder of its own.
func (a *arena) split(s span) error {
	if err := a.splitAt(s.off); err != nil {
		return err
	}
	return a.splitAt(s.end)
}

// splitAt makes two placeholders of the one around off, unless one begins
// there: Windows refuses to split off the whole.
func (a *arena) splitAt(off uint64) error {
	if off == a.size {
		return nil
	}
	i := a.index(off)
	b := a.blocks[i]
	if b.off == off {
		return nil
	}
	if err := preservePlaceholder(a.at(b.off), off-b.off); err != nil {
		return err
	}
	a.blocks = slices.Replace(a.blocks, i, i+1, block{span: span{b.off, off}}, block{span: span{off, b.end}})
	return nil
}
