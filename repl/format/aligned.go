package format

// alignedTable writes a result as a table with a column for each column.
type alignedTable struct {
	*measuredPrinter
	border int
	widths []int
	total  int
	cells  []alignedCell // of the row being written
}

// alignedCell is how far a value is written.
type alignedCell struct {
	lines  []textLine
	line   int
	offset int // in the line
	state  cellState
}

// cellState says how a value goes on.
type cellState int

const (
	cellWhole cellState = iota
	cellWraps           // within a line that is wider than the column
	cellLines           // with another line of its own
)

func (p *alignedTable) print() error {
	if !p.started {
		p.title()
		p.header()
	}
	p.cells = make([]alignedCell, len(p.columns))
	if len(p.columns) > 0 {
		if err := p.store.each(len(p.columns), p.row); err != nil {
			return err
		}
	}
	if !p.stopping {
		return nil
	}
	if p.border == 2 {
		p.rule(p.style.bottom)
	}
	for _, line := range p.o.below(p.prior + p.store.rows) {
		p.w.WriteString(line + "\n")
	}
	return p.w.WriteByte('\n')
}

// title writes the title, centred.
func (p *alignedTable) title() {
	if p.o.Title == "" || p.o.TuplesOnly {
		return
	}
	repeat(p.w, " ", (p.total-widest(p.o.Encoding.showLines(p.o.Title)))/2)
	p.w.WriteString(p.o.Title + "\n")
}

// rule writes a horizontal line.
func (p *alignedTable) rule(r rule) {
	if p.border == 2 {
		p.w.WriteString(r.left)
	}
	if p.border > 0 {
		p.w.WriteString(r.line)
	}
	for i, width := range p.widths {
		repeat(p.w, r.line, width)
		if i == len(p.widths)-1 {
			break
		}
		if p.border > 0 {
			p.w.WriteString(r.line + r.cross + r.line)
		} else {
			p.w.WriteString(" ")
		}
	}
	if p.border > 0 {
		p.w.WriteString(r.line)
	}
	if p.border == 2 {
		p.w.WriteString(r.right)
	}
	p.w.WriteByte('\n')
}

// header writes the column names, centred, and the lines around them.
func (p *alignedTable) header() {
	if p.o.TuplesOnly {
		return
	}
	if p.border == 2 {
		p.rule(p.style.top)
	}
	height := 0
	for _, lines := range p.names {
		height = max(height, len(lines))
	}
	for line := range height {
		p.edge(p.style.left)
		for i, lines := range p.names {
			p.name(i, lines, line)
		}
		p.edge(p.style.right)
		p.w.WriteByte('\n')
	}
	p.rule(p.style.middle)
}

// name writes a line of a column's name.
func (p *alignedTable) name(i int, lines []textLine, line int) {
	if p.border > 0 || !p.style.rightBorder && i > 0 {
		if line > 0 {
			p.w.WriteString(p.style.nameLeft)
		} else {
			p.w.WriteByte(' ')
		}
	}
	text := textLine{}
	if line < len(lines) {
		text = lines[line]
	}
	pad := p.widths[i] - text.width
	repeat(p.w, " ", pad/2)
	p.w.WriteString(text.text)
	repeat(p.w, " ", (pad+1)/2)
	if p.border > 0 || p.style.rightBorder {
		if line+1 < len(lines) {
			p.w.WriteString(p.style.nameRight)
		} else {
			p.w.WriteByte(' ')
		}
	}
	if p.border > 0 && i < len(p.names)-1 {
		p.w.WriteString(p.style.vertical)
	}
}

// row writes one row, which takes as many lines as its highest value.
func (p *alignedTable) row(texts []string) error {
	for i, text := range texts {
		p.cells[i] = alignedCell{lines: p.o.Encoding.showLines(text)}
	}
	for more := true; more; {
		more = false
		p.edge(p.style.left)
		for i := range p.cells {
			more = p.cell(i) || more
		}
		p.edge(p.style.right)
		if err := p.w.WriteByte('\n'); err != nil {
			return err
		}
	}
	return nil
}

// cell writes what a line of the table shows of a value, and what separates it from the next column. It reports whether
// the value goes on.
func (p *alignedTable) cell(i int) (more bool) {
	c := &p.cells[i]
	last := i == len(p.cells)-1
	padded := p.border == 2 || !last
	if p.border > 0 {
		p.w.WriteString([...]string{cellWhole: " ", cellWraps: p.style.wrapLeft, cellLines: p.style.moreLeft}[c.state])
	}
	pad := p.widths[i]
	if c.line < len(c.lines) {
		piece, width := p.o.Encoding.cutWidth(c.lines[c.line].text[c.offset:], p.widths[i])
		pad -= min(width, pad)
		if p.columns[i].right() {
			repeat(p.w, " ", pad)
			pad = 0
		}
		p.w.WriteString(piece)
		c.offset += len(piece)
		if c.offset == len(c.lines[c.line].text) {
			c.line, c.offset = c.line+1, 0
		}
	}
	c.state = c.next()
	if padded || c.state != cellWhole {
		repeat(p.w, " ", pad)
	}
	switch {
	case c.state == cellWraps:
		p.w.WriteString(p.style.wrapRight)
	case c.state == cellLines:
		p.w.WriteString(p.style.moreRight)
	case padded:
		p.w.WriteByte(' ')
	}
	if p.border > 0 && !last {
		p.w.WriteString(p.divider(&p.cells[i+1]))
	}
	return c.state != cellWhole
}

// next returns how the value goes on in the next line.
func (c *alignedCell) next() cellState {
	switch {
	case c.line >= len(c.lines):
		return cellWhole
	case c.offset > 0:
		return cellWraps
	}
	return cellLines
}

// divider returns what stands left of a value.
func (p *alignedTable) divider(c *alignedCell) string {
	switch {
	case c.state == cellWraps:
		return p.style.wrapped
	case c.state == cellLines:
		return p.style.again
	case c.line >= len(c.lines):
		return p.style.blank
	}
	return p.style.vertical
}

// edge writes the left or right side of a line.
func (p *alignedTable) edge(side string) {
	if p.border == 2 {
		p.w.WriteString(side)
	}
}
