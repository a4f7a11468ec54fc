package repl

import "bufio"

// alignedPrinter writes psql's aligned format. It is written by hand because it has to be psql's byte for byte:
// tablewriter, which draws the box of the table format, has no way to say where psql puts its "+" for a value that goes
// on in the next line, nor to count columns as PostgreSQL does, nor to leave the last column unpadded.
type alignedPrinter struct {
	w       *bufio.Writer
	o       Options
	style   lineStyle
	columns []Column
	widths  []int
	cells   []string
	rows    int
	chunk   int  // print so many rows at a time, so that no more are kept in memory
	begun   bool // a chunk was printed
}

// lineStyle holds the characters that lines are drawn with.
type lineStyle struct {
	top, middle, bottom rule
	vertical            string // between columns
	more                string // after the line of a value that has another
}

// rule holds the characters of a horizontal line.
type rule struct{ line, left, cross, right string }

func styleOf(o Options) lineStyle {
	if o.Unicode {
		return lineStyle{rule{"─", "┌", "┬", "┐"}, rule{"─", "├", "┼", "┤"}, rule{"─", "└", "┴", "┘"}, "│", "↵"}
	}
	ascii := rule{"-", "+", "+", "+"}
	return lineStyle{ascii, ascii, ascii, "|", "+"}
}

func newAligned(w *bufio.Writer, o Options) Printer {
	if o.Auto {
		return &autoPrinter{w: w, o: o}
	}
	if o.Expanded {
		return &expandedPrinter{w: w, o: o, style: styleOf(o)}
	}
	return &alignedPrinter{w: w, o: o, style: styleOf(o)}
}

func (p *alignedPrinter) Begin(columns []Column) error {
	p.columns, p.rows, p.begun = columns, 0, false
	p.reset()
	return nil
}

// reset forgets the rows.
func (p *alignedPrinter) reset() {
	p.cells = p.cells[:0]
	p.widths = make([]int, len(p.columns))
	for i, column := range p.columns {
		p.widths[i] = widest(showLines(column.Name))
	}
}

func (p *alignedPrinter) Row(values [][]byte) error {
	for i, text := range p.o.values(values) {
		p.widths[i] = max(p.widths[i], widest(showLines(text)))
		p.cells = append(p.cells, text)
	}
	p.rows++
	if p.chunk > 0 && p.rows%p.chunk == 0 {
		p.print()
		p.reset()
		return p.w.Flush()
	}
	return nil
}

// print writes the rows, with the header if they are the first.
func (p *alignedPrinter) print() {
	if !p.begun {
		p.begun = true
		p.title()
		p.head()
	}
	n := len(p.columns)
	for i := 0; i < len(p.cells); i += n {
		p.row(p.cells[i : i+n])
	}
}

// head writes the header and the lines around it.
func (p *alignedPrinter) head() {
	if p.o.TuplesOnly {
		return
	}
	if p.o.Border >= 2 {
		p.rule(p.style.top)
	}
	p.header()
	p.rule(p.style.middle)
}

func (p *alignedPrinter) End() error {
	p.print()
	if p.o.Border >= 2 {
		p.rule(p.style.bottom)
	}
	for _, line := range p.o.below(p.rows) {
		p.w.WriteString(line + "\n")
	}
	p.cells = nil
	return p.w.WriteByte('\n')
}

// title writes the title, centred.
func (p *alignedPrinter) title() {
	if p.o.Title == "" || p.o.TuplesOnly {
		return
	}
	width := tableWidth(p.widths, p.o.Border)
	title := showLines(p.o.Title)
	if len(title) == 1 {
		repeat(p.w, " ", (width-title[0].width)/2)
	}
	p.w.WriteString(p.o.Title + "\n")
}

// tableWidth returns how wide a table with columns of these widths is.
func tableWidth(widths []int, border int) int {
	n := len(widths)
	total := n // the place of the sign that a value goes on
	switch {
	case border == 1:
		total = 3*n - min(n, 1)
	case border > 1:
		total = 3*n + 1
	}
	for _, width := range widths {
		total += width
	}
	return total
}

// rule writes a horizontal line.
func (p *alignedPrinter) rule(r rule) {
	if p.o.Border >= 2 {
		p.w.WriteString(r.left)
	}
	if p.o.Border > 0 {
		p.w.WriteString(r.line)
	}
	for i, width := range p.widths {
		repeat(p.w, r.line, width)
		if i == len(p.widths)-1 {
			break
		}
		if p.o.Border > 0 {
			p.w.WriteString(r.line + r.cross + r.line)
		} else {
			p.w.WriteString(" ")
		}
	}
	if p.o.Border > 0 {
		p.w.WriteString(r.line)
	}
	if p.o.Border >= 2 {
		p.w.WriteString(r.right)
	}
	p.w.WriteByte('\n')
}

// header writes the column names, centred.
func (p *alignedPrinter) header() {
	if len(p.columns) == 0 {
		return
	}
	names := make([][]textLine, len(p.columns))
	height := 1
	for i, column := range p.columns {
		names[i] = showLines(column.Name)
		height = max(height, len(names[i]))
	}
	for line := range height {
		p.edge()
		for i, lines := range names {
			if p.o.Border > 0 {
				p.w.WriteByte(' ')
			}
			text := textLine{}
			if line < len(lines) {
				text = lines[line]
			}
			pad := p.widths[i] - text.width
			repeat(p.w, " ", pad/2)
			p.w.WriteString(text.text)
			repeat(p.w, " ", (pad+1)/2)
			p.after(line+1 < len(lines), true)
			if p.o.Border > 0 && i < len(names)-1 {
				p.w.WriteString(p.style.vertical)
			}
		}
		p.closeLine()
	}
}

// row writes one row, which takes as many lines as its highest value.
func (p *alignedPrinter) row(cells []string) {
	values := make([][]textLine, len(cells))
	height := 1
	for i, cell := range cells {
		values[i] = showLines(cell)
		height = max(height, len(values[i]))
	}
	for line := range height {
		p.edge()
		for i, lines := range values {
			p.cell(i, lines, line)
		}
		p.closeLine()
	}
}

// cell writes one line of a value and what separates it from the next column.
func (p *alignedPrinter) cell(i int, lines []textLine, line int) {
	last := i == len(p.columns)-1
	padded := !last || p.o.Border >= 2
	if p.o.Border > 0 {
		p.w.WriteByte(' ')
	}
	text, more := textLine{}, line+1 < len(lines)
	if line < len(lines) {
		text = lines[line]
	}
	pad := p.widths[i] - text.width
	switch {
	case line >= len(lines):
		if padded {
			repeat(p.w, " ", pad)
		}
	case p.columns[i].right():
		repeat(p.w, " ", pad)
		p.w.WriteString(text.text)
	default:
		p.w.WriteString(text.text)
		if padded || more {
			repeat(p.w, " ", pad)
		}
	}
	p.after(more, padded)
	if p.o.Border > 0 && !last {
		p.w.WriteString(p.style.vertical)
	}
}

// after writes what stands behind a value: the sign that it goes on, or a space.
func (p *alignedPrinter) after(more, space bool) {
	switch {
	case more:
		p.w.WriteString(p.style.more)
	case space:
		p.w.WriteByte(' ')
	}
}

// edge writes the left side of a line.
func (p *alignedPrinter) edge() {
	if p.o.Border >= 2 {
		p.w.WriteString(p.style.vertical)
	}
}

// closeLine writes the right side of a line.
func (p *alignedPrinter) closeLine() {
	p.edge()
	p.w.WriteByte('\n')
}
