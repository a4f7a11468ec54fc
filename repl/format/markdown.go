package format

import (
	"bufio"
	"strings"
)

// markdownPrinter writes a table in the syntax of GitHub Flavored Markdown, row by row, and a blank line after it.
type markdownPrinter struct {
	w       *bufio.Writer
	o       Options
	columns []Column
}

// markdownText keeps a value inside its cell.
var markdownText = strings.NewReplacer(`\`, `\\`, "|", `\|`, "\r\n", "<br>", "\n", "<br>", "\r", "<br>", "<", "&lt;", "&", "&amp;")

func (p *markdownPrinter) Begin(columns []Column) error {
	p.columns = columns
	if p.o.Expanded {
		p.columns = []Column{{Name: "column"}, {Name: "value"}}
		p.header()
		p.columns = columns
		return nil
	}
	p.header()
	return nil
}

func (p *markdownPrinter) header() {
	names, dashes := make([]string, len(p.columns)), make([]string, len(p.columns))
	for i, column := range p.columns {
		names[i] = column.Name
		dashes[i] = map[bool]string{true: "---:", false: "---"}[column.right()]
	}
	_ = p.cells(names...) // a bufio.Writer keeps the error
	p.w.WriteString("| " + strings.Join(dashes, " | ") + " |\n")
}

func (p *markdownPrinter) Row(values [][]byte) error {
	texts := p.o.values(values)
	if !p.o.Expanded {
		return p.cells(texts...)
	}
	for i, text := range texts {
		if err := p.cells(p.columns[i].Name, text); err != nil {
			return err
		}
	}
	return nil
}

func (p *markdownPrinter) cells(texts ...string) error {
	for _, text := range texts {
		p.w.WriteString("| " + markdownText.Replace(text) + " ")
	}
	_, err := p.w.WriteString("|\n")
	return err
}

func (p *markdownPrinter) End() error { return p.w.WriteByte('\n') }
