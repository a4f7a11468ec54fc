package repl

import (
	"bufio"
	"fmt"
	"strconv"
)

// expandedPrinter writes psql's expanded aligned format: a line for each column, a rule before each record.
type expandedPrinter struct {
	w       *bufio.Writer
	o       Options
	style   lineStyle
	columns []Column
	names   [][]textLine
	cells   []string
	header  int  // width of the names
	data    int  // width of the values
	tall    bool // a name has several lines
	long    bool // a value has several lines
	rows    int
}

func (p *expandedPrinter) Begin(columns []Column) error {
	p.columns, p.cells, p.rows, p.header, p.data, p.tall, p.long = columns, nil, 0, 0, 0, false, false
	p.names = p.names[:0]
	for _, column := range columns {
		lines := showLines(column.Name)
		p.names = append(p.names, lines)
		p.header = max(p.header, widest(lines))
		p.tall = p.tall || len(lines) > 1
	}
	return nil
}

func (p *expandedPrinter) Row(values [][]byte) error {
	for _, text := range p.o.values(values) {
		lines := showLines(text)
		p.data = max(p.data, widest(lines))
		p.long = p.long || len(lines) > 1
		p.cells = append(p.cells, text)
	}
	p.rows++
	return nil
}

func (p *expandedPrinter) End() error {
	n := len(p.columns)
	p.data = max(p.data, p.least())
	if p.o.Title != "" && !p.o.TuplesOnly {
		p.w.WriteString(p.o.Title + "\n")
	}
	for record := range len(p.cells) / max(n, 1) {
		p.rule(record)
		for i, cell := range p.cells[record*n : (record+1)*n] {
			p.field(p.names[i], showLines(cell))
		}
	}
	if len(p.cells) > 0 && p.o.Border >= 2 {
		p.line(p.style.bottom, "")
	}
	if len(p.cells) == 0 || p.o.footers != nil {
		for _, line := range p.o.below(p.rows) {
			p.w.WriteString(line + "\n")
		}
	}
	p.cells = nil
	return p.w.WriteByte('\n')
}

// least returns how wide the values' column has to be for the label of the last record to fit above it.
func (p *expandedPrinter) least() int {
	if p.o.TuplesOnly {
		return 0
	}
	label := len(strconv.Itoa(p.rows))
	around := 0 // what stands beside the name and the value
	switch p.o.Border {
	case 0:
		label, around = label+len("* RECORD "), len(" ")
		if p.tall {
			around++
		}
	case 1:
		label, around = label+len("-[ RECORD  ]"), len(" | ")
	default:
		label, around = label+len("+-[ RECORD  ]-+"), len("|  |  |")
	}
	if p.long && p.o.Border < 2 {
		around++
	}
	return label - around - p.header
}

// rule writes the line before a record. With tuples only there are plain lines between records instead.
func (p *expandedPrinter) rule(record int) {
	r := p.style.middle
	if record == 0 {
		r = p.style.top
	}
	switch {
	case !p.o.TuplesOnly && p.o.Border == 0:
		p.line(r, fmt.Sprintf("* Record %d", record+1))
	case !p.o.TuplesOnly:
		p.line(r, fmt.Sprintf("[ RECORD %d ]", record+1))
	case record > 0 || p.o.Border >= 2:
		p.line(r, "")
	}
}

// line writes a horizontal line that the label lies on, near its left end.
func (p *expandedPrinter) line(r rule, label string) {
	var cells []string
	add := func(text string, n int) {
		for range n {
			cells = append(cells, text)
		}
	}
	start := p.o.Border
	switch p.o.Border {
	case 0:
		add(" ", p.header+p.data)
	case 1:
		add(r.line, p.header+1)
		add(r.cross, 1)
		add(r.line, p.data+1)
	default:
		start = 2
		add(r.left, 1)
		add(r.line, p.header+2)
		add(r.cross, 1)
		add(r.line, p.data+2)
		add(r.right, 1)
	}
	end := start + len(label)
	for i, cell := range cells {
		switch {
		case i < start || i >= end && (p.o.Border < 2 || i < len(cells)-2):
			p.w.WriteString(cell)
		case i == start:
			p.w.WriteString(label)
		}
	}
	if len(cells) <= start {
		p.w.WriteString(label)
	}
	if p.o.Border >= 2 {
		p.w.WriteString(r.line + r.right)
	}
	p.w.WriteByte('\n')
}

// field writes a column of a record, which takes as many lines as the higher of its name and its value.
func (p *expandedPrinter) field(name, value []textLine) {
	for line := range max(len(name), len(value)) {
		p.name(name, line)
		if p.o.Border > 0 {
			p.w.WriteString(p.style.vertical)
		}
		p.value(value, line)
		p.w.WriteByte('\n')
	}
}

// name writes a line of the column's name.
func (p *expandedPrinter) name(name []textLine, line int) {
	if p.o.Border >= 2 {
		p.w.WriteString(p.style.vertical + " ")
	}
	text := textLine{}
	if line < len(name) {
		text = name[line]
	}
	p.w.WriteString(text.text)
	repeat(p.w, " ", p.header-text.width)
	switch {
	case p.o.Border == 0 && !p.tall:
	case line+1 < len(name):
		p.w.WriteString(p.style.more)
	default:
		p.w.WriteByte(' ')
	}
}

// value writes a line of the value.
func (p *expandedPrinter) value(value []textLine, line int) {
	boxed := p.o.Border >= 2
	switch {
	case line < len(value):
		text, more := value[line], line+1 < len(value)
		p.w.WriteString(" " + text.text)
		if more || boxed {
			repeat(p.w, " ", p.data-text.width)
		}
		if more {
			p.w.WriteString(p.style.more)
		} else if boxed {
			p.w.WriteByte(' ')
		}
	case boxed:
		repeat(p.w, " ", p.data+2)
	}
	if boxed {
		p.w.WriteString(p.style.vertical)
	}
}
