package repl

import (
	"bufio"
	"cmp"
)

// autoPrinter writes an aligned table when that fits the terminal, and else a line for each column.
type autoPrinter struct {
	w       *bufio.Writer
	o       Options
	columns []Column
	widths  []int
	rows    [][][]byte
}

func (p *autoPrinter) Begin(columns []Column) error {
	p.columns, p.rows, p.widths = columns, nil, make([]int, len(columns))
	for i, column := range columns {
		p.widths[i] = widest(showLines(column.Name))
	}
	return nil
}

func (p *autoPrinter) Row(values [][]byte) error {
	row := make([][]byte, len(values))
	for i, value := range values {
		p.widths[i] = max(p.widths[i], widest(showLines(p.o.value(value))))
		if value != nil {
			row[i] = append([]byte{}, value...)
		}
	}
	p.rows = append(p.rows, row)
	return nil
}

func (p *autoPrinter) End() error {
	limit := cmp.Or(p.o.Columns, p.o.terminal)
	o := p.o
	o.Auto, o.Expanded = false, limit > 0 && tableWidth(p.widths, o.Border) > limit
	printer := newAligned(p.w, o)
	if err := printer.Begin(p.columns); err != nil {
		return err
	}
	for _, row := range p.rows {
		if err := printer.Row(row); err != nil {
			return err
		}
	}
	p.rows = nil
	return printer.End()
}
