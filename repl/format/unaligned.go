package format

import "bufio"

// unalignedPrinter writes psql's unaligned format, row by row.
type unalignedPrinter struct {
	w       *bufio.Writer
	o       Options
	columns []Column
	rows    int
	owed    bool // a separator or an end is due before or after what comes
}

func (p *unalignedPrinter) Begin(columns []Column) error {
	p.columns, p.rows, p.owed = columns, 0, false
	if p.o.TuplesOnly {
		return nil
	}
	p.w.WriteString(p.o.Title)
	if p.o.Expanded {
		p.owed = p.o.Title != ""
		return nil
	}
	if p.o.Title != "" {
		p.w.WriteString(p.o.RecordSep)
	}
	for i, column := range columns {
		if i > 0 {
			p.w.WriteString(p.o.FieldSep)
		}
		p.w.WriteString(column.Name)
	}
	p.owed = true
	return nil
}

func (p *unalignedPrinter) Row(values [][]byte) error {
	p.rows++
	if len(values) == 0 {
		return nil
	}
	if p.o.Expanded {
		return p.record(values)
	}
	p.separate()
	for i, value := range values {
		if i > 0 {
			p.w.WriteString(p.o.FieldSep)
		}
		if _, err := p.w.WriteString(p.o.value(value)); err != nil {
			return err
		}
	}
	p.owed = true
	return nil
}

// record writes a row as a line for each column.
func (p *unalignedPrinter) record(values [][]byte) error {
	if p.owed {
		p.w.WriteString(p.o.RecordSep + p.o.RecordSep)
	}
	for i, value := range values {
		if i > 0 {
			p.w.WriteString(p.o.RecordSep)
		}
		p.w.WriteString(p.columns[i].Name + p.o.FieldSep)
		if _, err := p.w.WriteString(p.o.value(value)); err != nil {
			return err
		}
	}
	p.owed = true
	return nil
}

func (p *unalignedPrinter) separate() {
	if p.owed {
		p.w.WriteString(p.o.RecordSep)
		p.owed = false
	}
}

// End writes the footer. The last record ends with a line end whatever the separator is, unless that is a zero byte.
func (p *unalignedPrinter) End() error {
	if !p.o.Expanded || p.o.Footers != nil {
		for _, line := range p.o.below(p.rows) {
			p.separate()
			p.w.WriteString(line)
			p.owed = true
		}
	}
	if !p.owed {
		return nil
	}
	if p.o.RecordSep == "\x00" {
		return p.w.WriteByte(0)
	}
	return p.w.WriteByte('\n')
}
