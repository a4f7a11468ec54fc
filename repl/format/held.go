package format

import "bufio"

// Held is a printer that keeps a result until it is known whether the result is to be printed.
type Held struct {
	measuredPrinter
	make func(*bufio.Writer, Options) (Printer, error)
	null []bool // of each cell, in order
}

// NewHeld returns a printer whose result Print prints by a printer that make makes.
func NewHeld(w *bufio.Writer, o Options, make func(*bufio.Writer, Options) (Printer, error)) *Held {
	return &Held{measuredPrinter: measuredPrinter{w: w, o: o}, make: make}
}

// Begin implements Printer.
func (p *Held) Begin(columns []Column) error {
	p.columns = columns
	return nil
}

// Row implements Printer.
func (p *Held) Row(values [][]byte) error {
	for _, value := range values {
		p.null = append(p.null, value == nil)
	}
	return p.store.add(values)
}

// End implements Printer.
func (p *Held) End() error { return nil }

// Print prints the result after all.
func (p *Held) Print() error {
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
		Discard(printer)
		return err
	}
	return printer.End()
}
