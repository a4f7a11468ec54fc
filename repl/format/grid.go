package format

import "bufio"

// Grid is a result kept in memory. A nil cell is NULL.
type Grid struct {
	Columns []Column
	Rows    [][]*string
}

// Text returns a cell, "" for NULL and for one that there is not: a server may answer with less than it was asked for.
func (g *Grid) Text(row, column int) string {
	if row >= len(g.Rows) || column >= len(g.Rows[row]) || g.Rows[row][column] == nil {
		return ""
	}
	return *g.Rows[row][column]
}

// Print prints a grid with the options.
func (g *Grid) Print(w *bufio.Writer, o Options) error {
	p, err := NewPrinter(w, o)
	if err != nil {
		return err
	}
	if err := p.Begin(g.Columns); err != nil {
		return err
	}
	for _, row := range g.Rows {
		values := make([][]byte, len(row))
		for i, cell := range row {
			if cell != nil {
				values[i] = []byte(*cell)
			}
		}
		if err := p.Row(values); err != nil {
			return err
		}
	}
	return p.End()
}
