package repl

import "bufio"

// heldPrinter keeps a result until it is known whether it is the last of its query string, for SHOW_ALL_RESULTS off.
type heldPrinter struct {
	measuredPrinter
	make func(*bufio.Writer, Options) (Printer, error)
	null []bool // of each cell, in order
}

func (p *heldPrinter) Begin(columns []Column) error {
	p.columns = columns
	return nil
}

func (p *heldPrinter) Row(values [][]byte) error {
	for _, value := range values {
		p.null = append(p.null, value == nil)
	}
	return p.store.add(values)
}

func (p *heldPrinter) End() error { return nil }

// print prints the result after all.
func (p *heldPrinter) print() error {
	defer p.store.reset()
	printer, err := p.make(p.w, p.o)
	if err != nil {
		return err
	}
	if err := printer.Begin(p.columns); err != nil {
		return err
	}
	values, cell := make([][]byte, len(p.columns)), 0
	err = p.store.each(len(p.columns), func(cells []string) error {
		for i, text := range cells {
			if values[i] = []byte(text); p.null[cell] {
				values[i] = nil
			}
			cell++
		}
		return printer.Row(values)
	})
	if err != nil {
		discard(printer)
		return err
	}
	return printer.End()
}
