package format

import (
	"bufio"
	"errors"
	"strings"
)

// csvPrinter writes comma-separated values as psql and RFC 4180 have them, row by row, lines ended by \n.
type csvPrinter struct {
	w       *bufio.Writer
	o       Options
	columns []Column
}

func newCSV(w *bufio.Writer, o Options) (Printer, error) {
	if len(o.CSVSep) != 1 {
		return nil, errors.New("the field separator of CSV must be a single one-byte character")
	}
	return &csvPrinter{w: w, o: o}, nil
}

func (p *csvPrinter) Begin(columns []Column) error {
	p.columns = columns
	if p.o.TuplesOnly || p.o.Expanded {
		return nil
	}
	for i, column := range columns {
		if i > 0 {
			p.w.WriteString(p.o.CSVSep)
		}
		p.field(column.Name)
	}
	return p.w.WriteByte('\n')
}

func (p *csvPrinter) Row(values [][]byte) error {
	if len(values) == 0 {
		return nil
	}
	for i, value := range values {
		switch {
		case p.o.Expanded:
			p.field(p.columns[i].Name)
			p.w.WriteString(p.o.CSVSep)
		case i > 0:
			p.w.WriteString(p.o.CSVSep)
		}
		p.field(p.o.value(value))
		if p.o.Expanded {
			p.w.WriteByte('\n')
		}
	}
	if p.o.Expanded {
		return nil
	}
	return p.w.WriteByte('\n')
}

func (p *csvPrinter) End() error { return nil }

// field writes a value, quoted when it has to be. Whatever could make a line of \. alone is quoted too, because COPY
// takes that for the end of the data.
func (p *csvPrinter) field(value string) {
	ends := value == `\.` || p.o.CSVSep == `\` || p.o.CSVSep == "."
	if !ends && !strings.ContainsAny(value, p.o.CSVSep+"\"\r\n") {
		p.w.WriteString(value)
		return
	}
	p.w.WriteString(`"` + strings.ReplaceAll(value, `"`, `""`) + `"`)
}
