package format

import "bufio"

// measuredPrinter writes psql's aligned and wrapped formats, expanded or not: a result is kept until all of it was
// measured. It is written by hand because it has to be psql's byte for byte: tablewriter, which draws the box of the
// table format, has no way to say where psql puts its "+" for a value that goes on in the next line, nor to count
// columns as PostgreSQL does, nor to leave the last column unpadded.
type measuredPrinter struct {
	w     *bufio.Writer
	o     Options
	style lineStyle
	chunk int // print so many rows at a time, each chunk with widths of its own

	columns  []Column
	names    [][]textLine
	store    rowStore
	head     []int // how wide the names are
	widths   []int // how wide names and values are
	sums     []int // of the values' widths
	widest   int   // value
	tall     bool  // a name has several lines
	long     bool  // a value has several lines
	prior    int   // rows that were printed before
	started  bool  // what stands above the rows was printed
	stopping bool  // no more rows will come
}

func (p *measuredPrinter) Begin(columns []Column) error {
	p.columns, p.prior, p.started, p.stopping = columns, 0, false, false
	p.names, p.head, p.tall = nil, nil, false
	for _, column := range columns {
		lines := p.o.Encoding.showLines(column.Name)
		p.names = append(p.names, lines)
		p.head = append(p.head, widest(lines))
		p.tall = p.tall || len(lines) > 1
	}
	p.reset()
	return nil
}

// reset forgets the rows.
func (p *measuredPrinter) reset() {
	p.store.reset()
	p.widths = append(p.widths[:0], p.head...)
	p.sums = make([]int, len(p.columns))
	p.widest, p.long = 0, false
}

func (p *measuredPrinter) Row(values [][]byte) error {
	for i, value := range values {
		if value == nil {
			value = []byte(p.o.Null)
			values[i] = value
		}
		width, lines := p.o.Encoding.measure(value)
		p.widths[i] = max(p.widths[i], width)
		p.sums[i] += width
		p.widest = max(p.widest, width)
		p.long = p.long || lines > 1
	}
	if err := p.store.add(values); err != nil {
		return err
	}
	if p.chunk > 0 && p.store.rows == p.chunk {
		if err := p.print(); err != nil {
			return err
		}
		return p.w.Flush()
	}
	return nil
}

func (p *measuredPrinter) End() error {
	if p.chunk > 0 && p.store.rows > 0 {
		if err := p.print(); err != nil {
			return err
		}
	}
	p.stopping = true
	return p.print()
}

// Discard forgets a result that will not be ended.
func (p *measuredPrinter) discard() { p.store.reset() }

// Print writes the rows that are kept, and what stands above and below them where they are the first or the last.
func (p *measuredPrinter) print() error {
	l := p.layout()
	expanded := p.o.Expanded || p.o.Auto && l.over && len(p.columns) > 1
	err := error(nil)
	if expanded {
		err = (&expandedTable{measuredPrinter: p, border: min(p.o.Border, 2)}).print()
	} else {
		err = (&alignedTable{measuredPrinter: p, border: min(p.o.Border, 2), widths: l.widths, total: l.total}).print()
	}
	p.prior += p.store.rows
	p.started = true
	p.reset()
	return err
}

// target returns how wide the output may be, 0 when that is not known.
func (p *measuredPrinter) target() int {
	if p.o.Columns > 0 {
		return p.o.Columns
	}
	return p.o.Screen
}
