package wasm

// encode writes the module with the plan's changes. Sections without changes
// are copied as they are, padded integers included.
func (p *plan) encode() []byte {
	p.appendItems()
	out := make([]byte, 0, p.estimate())
	out = append(out, moduleHeader...)
	last := p.lastOrdered()
	if last < 0 {
		out = p.appendMissing(out, len(sectionOrder))
	}
	for i, s := range p.m.sections {
		if s.id == customSection {
			out = append(out, p.m.data[s.start:s.end]...)
			continue
		}
		out = p.appendMissing(out, sectionOrder[s.id])
		out = p.appendSection(out, s)
		if i == last {
			out = p.appendMissing(out, len(sectionOrder))
		}
	}
	return out
}

func (p *plan) appendSection(out []byte, s section) []byte {
	pieces, ok := p.replaced[s.id]
	if !ok {
		return append(out, p.m.data[s.start:s.end]...)
	}
	delete(p.replaced, s.id)
	return appendPieces(out, s.id, pieces)
}

// appendMissing writes the new sections that rank before the given rank: a
// section that the module has is gone from p.replaced when its turn is over.
func (p *plan) appendMissing(out []byte, before int) []byte {
	for rank := 1; rank < before; rank++ {
		for id, r := range sectionOrder {
			if pieces, ok := p.replaced[byte(id)]; ok && r == rank {
				out = appendPieces(out, byte(id), pieces)
				delete(p.replaced, byte(id))
			}
		}
	}
	return out
}

func appendPieces(out []byte, id byte, pieces [][]byte) []byte {
	size := 0
	for _, piece := range pieces {
		size += len(piece)
	}
	out = appendU32(append(out, id), uint32(size))
	for _, piece := range pieces {
		out = append(out, piece...)
	}
	return out
}

// lastOrdered returns the last section that is no custom one; new sections go
// before the custom sections after it, since names come last.
func (p *plan) lastOrdered() int {
	for i := len(p.m.sections) - 1; i >= 0; i-- {
		if p.m.sections[i].id != customSection {
			return i
		}
	}
	return -1
}

// estimate returns a capacity that the result does not exceed.
func (p *plan) estimate() int {
	size := len(p.m.data)
	for _, pieces := range p.replaced {
		size += 6
		for _, piece := range pieces {
			size += len(piece)
		}
	}
	if _, ok := p.replaced[codeSection]; ok {
		if s, ok := p.m.sectionByID(codeSection); ok {
			size -= s.end - s.start
		}
	}
	return size
}

func (m *module) sectionByID(id byte) (section, bool) {
	for _, s := range m.sections {
		if s.id == id {
			return s, true
		}
	}
	return section{}, false
}

// appendItems appends the plan's types, functions, globals and exports to
// their sections. The code section is rewriteCode's.
func (p *plan) appendItems() {
	p.appendTo(typeSection, len(p.types), func(b []byte, i int) []byte {
		return appendFunctionType(b, p.types[i])
	})
	p.appendTo(functionSection, len(p.functions), func(b []byte, i int) []byte {
		return appendU32(b, p.functions[i].typeIndex)
	})
	p.appendTo(globalSection, len(p.globals), func(b []byte, i int) []byte {
		return append(b, p.globals[i]...)
	})
	p.appendTo(exportSection, len(p.exports), func(b []byte, i int) []byte {
		e := p.exports[i]
		return appendU32(append(appendName(b, e.Name), byte(e.Kind)), e.Index)
	})
}

func (p *plan) appendTo(id byte, n int, item func(b []byte, i int) []byte) {
	if n == 0 {
		return
	}
	s, _ := p.m.sectionByID(id)
	var added []byte
	for i := range n {
		added = item(added, i)
	}
	p.replace(id, appendU32(nil, s.count+uint32(n)), p.m.data[s.items:s.end], added)
}
