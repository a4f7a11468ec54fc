package format

import (
	"fmt"
	"strconv"
)

// expandedTable writes a result as a line for each column, with a rule before each record.
type expandedTable struct {
	*measuredPrinter
	border int
	head   int  // width of the names
	data   int  // width of the values
	signs  bool // there is a place for the signs that a value goes on
	record int
}

func (p *expandedTable) print() error {
	if !p.started && p.stopping && (p.store.rows == 0 || len(p.columns) == 0) {
		return p.below(p.o.below(p.store.rows))
	}
	for _, width := range p.measuredPrinter.head {
		p.head = max(p.head, width)
	}
	if !p.started && p.o.Title != "" && !p.o.TuplesOnly {
		p.w.WriteString(p.o.Title + "\n")
	}
	p.data, p.signs = p.fit()
	p.record = p.prior
	if len(p.columns) > 0 {
		if err := p.store.each(len(p.columns), p.write); err != nil {
			return err
		}
	}
	if !p.stopping {
		return nil
	}
	if p.border == 2 {
		p.line(p.style.bottom, "", p.head)
	}
	if len(p.o.Footers) == 0 || p.o.TuplesOnly {
		return p.below(nil)
	}
	if p.border < 2 {
		p.w.WriteByte('\n')
	}
	return p.below(p.o.Footers)
}

func (p *expandedTable) below(lines []string) error {
	for _, line := range lines {
		p.w.WriteString(line + "\n")
	}
	return p.w.WriteByte('\n')
}

// fit returns how wide the values are shown: at least so wide that the line above a record has room for its label, and
// in the wrapped format no wider than the output may be. When values are wrapped or have lines there is a place for
// signs.
func (p *expandedTable) fit() (width int, signs bool) {
	between := [...]int{1, 3, 7}[p.border]
	if p.tall && (p.border == 0 || p.border == 1 && p.style.oldSigns) {
		between++
	}
	place := p.border < 2 && !p.style.oldSigns
	if p.long && place {
		between++
	}
	label := 0
	if !p.o.TuplesOnly {
		label = len("* RECORD ") + 3*p.border
		if p.store.rows > 0 {
			label += len(strconv.Itoa(p.store.rows))
		}
	}
	signs = p.long
	for {
		width = p.fitting(between, label)
		if width >= p.widest || signs || !place {
			return width, signs
		}
		signs = true
		between++
	}
}

// fitting returns the width of the values when so much stands beside them.
func (p *expandedTable) fitting(between, label int) int {
	target := p.target()
	native := max(p.head+between+p.widest, label)
	if p.o.Format != Wrapped || target <= 0 || target >= native {
		return native - p.head - between
	}
	const least = 3 // columns of a value
	return max(target, p.head+between+least, label) - p.head - between
}

// write writes a record.
func (p *expandedTable) write(cells []string) error {
	p.record++
	head := p.head
	if p.border < 2 && p.tall && p.style.oldSigns {
		head++
	}
	r := p.style.middle
	if p.record == p.prior+1 {
		r = p.style.top
	}
	switch {
	case !p.o.TuplesOnly && p.o.Border == 0:
		p.line(r, fmt.Sprintf("* Record %d", p.record), head)
	case !p.o.TuplesOnly:
		p.line(r, fmt.Sprintf("[ RECORD %d ]", p.record), head)
	case p.record > p.prior+1 || p.started || p.border == 2:
		p.line(r, "", head)
	}
	for i, cell := range cells {
		f := expandedField{expandedTable: p, name: p.names[i], value: p.o.Encoding.showLines(cell)}
		if err := f.print(); err != nil {
			return err
		}
	}
	return nil
}

// line writes a horizontal line that the label lies on, near its left end. It goes by the border as it is asked for,
// which may be more than 2.
func (p *expandedTable) line(r rule, label string, head int) {
	bar, full := r.line, p.o.XHeader != "column"
	switch p.o.Border {
	case 0:
		bar = " "
	case 1:
		p.w.WriteString(r.line)
	case 2:
		p.w.WriteString(r.left + r.line)
	}
	p.w.WriteString(label)
	used := len(label)
	if p.o.Border != 2 {
		used++
	}
	if used < head {
		repeat(p.w, bar, head-used)
		used = head
	}
	used -= head
	// What follows the names is written only where the label does not lie on it.
	put := func(text string) {
		if used <= 0 {
			p.w.WriteString(text)
		}
		used--
	}
	switch {
	case p.o.Border == 0:
		put(" ")
	case full:
		put(r.line)
		put(r.cross)
		put(r.line)
	default:
		put(r.line)
		put(r.right)
	}
	if full {
		used = max(used, 0)
		repeat(p.w, bar, max(p.lineWidth(head), used)-used)
		if p.o.Border == 2 {
			p.w.WriteString(r.line + r.right)
		}
	}
	p.w.WriteByte('\n')
}

// lineWidth returns how far the line above a record goes above the values.
func (p *expandedTable) lineWidth(head int) int {
	limit := 0
	switch p.o.XHeader {
	case "", "full":
		return p.data
	case "page":
		limit = p.target()
	default:
		limit, _ = strconv.Atoi(p.o.XHeader)
	}
	if limit <= 0 || p.o.Border > 2 {
		return p.data
	}
	return min(p.data, max(0, limit-head-[...]int{0, 3, 7}[p.o.Border]))
}
