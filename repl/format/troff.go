package format

import (
	"bufio"
	"fmt"
	"strings"
)

// troffPrinter writes psql's troff-ms format, row by row: tables for groff with the macros ms and tbl.
type troffPrinter struct {
	w       *bufio.Writer
	o       Options
	columns []Column
	rows    int
}

// troffText escapes what troff takes for commands.
var troffText = strings.NewReplacer(`\`, `\(rs`)

func (p *troffPrinter) Begin(columns []Column) error {
	p.columns, p.rows = columns, 0
	if p.o.Title != "" && !p.o.TuplesOnly {
		p.w.WriteString(".LP\n.DS C\n" + troffText.Replace(p.o.Title) + "\n.DE\n")
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
	names, aligns := make([]string, len(columns)), make([]string, len(columns))
	for i, column := range columns {
		names[i], aligns[i] = `\fI`+troffText.Replace(column.Name)+`\fP`, latexAlign(column)
	}
	between := " | "
	if p.o.Border == 0 {
		between = ""
	}
	_, err := p.w.WriteString(strings.Join(aligns, between) + ".\n")
	if !p.o.TuplesOnly {
		_, err = p.w.WriteString(strings.Join(names, "\t") + "\n_\n")
	}
	return err
}

func (p *troffPrinter) Row(values [][]byte) error {
	p.rows++
	if len(values) == 0 {
		return nil
	}
	texts := p.o.values(values)
	for i, text := range texts {
		texts[i] = troffText.Replace(text)
	}
	if p.o.Expanded {
		return p.record(texts)
	}
	_, err := p.w.WriteString(strings.Join(texts, "\t") + "\n")
	return err
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
	for i, text := range texts {
		if _, err := p.w.WriteString(troffText.Replace(p.columns[i].Name) + "\t" + text + "\n"); err != nil {
			return err
		}
	}
	return nil
}

func (p *troffPrinter) End() error {
	lines := p.o.below(p.rows)
	if p.o.Expanded {
		lines = p.o.belowRecords()
	}
	p.w.WriteString(".TE\n.DS L\n")
	for _, line := range lines {
		p.w.WriteString(troffText.Replace(line) + "\n")
	}
	_, err := p.w.WriteString(".DE\n")
	return err
}
