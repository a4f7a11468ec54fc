package format

import (
	"bufio"
	"fmt"
	"strings"
)

// troffPrinter writes psql's troff-ms format, row by row: tables for groff with the macros ms and tbl.
type troffPrinter struct{ markup }

func newTroffPrinter(w *bufio.Writer, o Options) *troffPrinter {
	return &troffPrinter{markup{w: w, o: o, escape: troffText, between: "\t", end: "\n"}}
}

// troffText escapes what troff takes for commands.
var troffText = strings.NewReplacer(`\`, `\(rs`)

func (p *troffPrinter) Begin(columns []Column) error {
	if title := p.begin(columns); title != "" {
		p.w.WriteString(".LP\n.DS C\n" + title + "\n.DE\n")
	}
	p.w.WriteString(".LP\n.TS\ncenter")
	if p.o.Border >= 2 {
		p.w.WriteString(" box")
	}
	p.w.WriteString(";\n")
	if p.o.Expanded {
		if p.o.TuplesOnly {
			p.w.WriteString("c l;\n")
		}
		return nil
	}
	between := " | "
	if p.o.Border == 0 {
		between = ""
	}
	_, err := p.w.WriteString(strings.Join(p.aligns(), between) + ".\n")
	if !p.o.TuplesOnly {
		_ = p.row(p.names(`\fI`, `\fP`))
		_, err = p.w.WriteString("_\n")
	}
	return err
}

func (p *troffPrinter) Row(values [][]byte) error {
	texts := p.cells(values)
	switch {
	case texts == nil:
		return nil
	case p.o.Expanded:
		return p.record(texts)
	}
	return p.row(texts)
}

// record writes a row as a table row for each column. The format of table rows is written again where it changes.
func (p *troffPrinter) record(texts []string) error {
	if !p.o.TuplesOnly {
		if p.rows > 1 {
			if p.o.Border >= 2 {
				p.w.WriteString("_\n")
			}
			p.w.WriteString(".T&\n")
		}
		fmt.Fprintf(p.w, "c s.\n\\fIRecord %d\\fP\n", p.rows)
	}
	if p.o.Border >= 1 {
		p.w.WriteString("_\n")
	}
	if !p.o.TuplesOnly {
		p.w.WriteString(".T&\nc ")
		if p.o.Border == 1 {
			p.w.WriteString("| ")
		}
		p.w.WriteString("l.\n")
	}
	return p.pairs(texts)
}

func (p *troffPrinter) End() error {
	p.w.WriteString(".TE\n.DS L\n")
	p.below()
	_, err := p.w.WriteString(".DE\n")
	return err
}
