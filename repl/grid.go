package repl

import "bufio"

// grid is a result kept in memory. A nil cell is NULL.
type grid struct {
	columns []Column
	rows    [][]*string
}

// text returns a cell, "" for NULL.
func (g *grid) text(row, column int) string {
	if p := g.rows[row][column]; p != nil {
		return *p
	}
	return ""
}

// print prints a grid with the options.
func (g *grid) print(w *bufio.Writer, o Options) error {
	p, err := NewPrinter(w, o)
	if err != nil {
		return err
	}
	if err := p.Begin(g.columns); err != nil {
		return err
	}
	for _, row := range g.rows {
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
