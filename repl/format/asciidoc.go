package format

import (
	"bufio"
	"fmt"
	"strings"
)

// asciiDocPrinter writes psql's AsciiDoc format, row by row.
type asciiDocPrinter struct {
	w       *bufio.Writer
	o       Options
	columns []Column
	rows    int
}

// asciiDocText keeps a value inside its cell.
var asciiDocText = strings.NewReplacer("|", `\|`)

func (p *asciiDocPrinter) Begin(columns []Column) error {
	p.columns, p.rows = columns, 0
	p.w.WriteByte('\n') // a table is a paragraph of its own
	if p.o.Title != "" && !p.o.TuplesOnly {
		p.w.WriteString("." + p.o.Title + "\n")
	}
	p.w.WriteString("[" + p.attributes() + p.frame() + "]\n|====\n")
	if p.o.Expanded || p.o.TuplesOnly {
		return nil
	}
	for i, column := range columns {
		if i > 0 {
			p.w.WriteByte(' ')
		}
		p.w.WriteString("^l|" + asciiDocText.Replace(column.Name))
	}
	return p.w.WriteByte('\n')
}

// attributes returns those that say how the columns are aligned.
func (p *asciiDocPrinter) attributes() string {
	if p.o.Expanded {
		return `cols="h,l"`
	}
	header, cols := `options="header",`, make([]string, len(p.columns))
	if p.o.TuplesOnly {
		header = ""
	}
	for i, column := range p.columns {
		cols[i] = asciiDocAlign(column)
	}
	return fmt.Sprintf(`%scols="%s"`, header, strings.Join(cols, ","))
}

func asciiDocAlign(c Column) string {
	if c.right() {
		return ">l"
	}
	return "<l"
}

// frame returns the attributes for the border.
func (p *asciiDocPrinter) frame() string {
	switch p.o.Border {
	case 0:
		return `,frame="none",grid="none"`
	case 1:
		return `,frame="none"`
	case 2:
		return `,frame="all",grid="all"`
	}
	return ""
}

func (p *asciiDocPrinter) Row(values [][]byte) error {
	p.rows++
	if p.o.Expanded {
		return p.record(values)
	}
	for i, text := range p.o.values(values) {
		last := i == len(values)-1
		if i > 0 {
			p.w.WriteByte(' ')
		}
		p.w.WriteByte('|')
		switch {
		case strings.Trim(text, " \t") != "":
			_, _ = asciiDocText.WriteString(p.w, text)
		case !last:
			p.w.WriteByte(' ')
		}
		if last {
			if err := p.w.WriteByte('\n'); err != nil {
				return err
			}
		}
	}
	return nil
}

// record writes a row as a table row for each column.
func (p *asciiDocPrinter) record(values [][]byte) error {
	if len(values) == 0 {
		return nil
	}
	if p.o.TuplesOnly {
		p.w.WriteString("2+|\n")
	} else {
		fmt.Fprintf(p.w, "2+^|Record %d\n", p.rows)
	}
	for i, text := range p.o.values(values) {
		if strings.Trim(text, " \t") == "" {
			text = " "
		}
		_, err := p.w.WriteString("<l|" + asciiDocText.Replace(p.columns[i].Name) + " " + asciiDocAlign(p.columns[i]) + "|" + asciiDocText.Replace(text) + "\n")
		if err != nil {
			return err
		}
	}
	return nil
}

func (p *asciiDocPrinter) End() error {
	_, err := p.w.WriteString("|====\n")
	lines := p.o.below(p.rows)
	if p.o.Expanded {
		lines = p.o.belowRecords()
	}
	if len(lines) > 0 {
		_, err = p.w.WriteString("\n....\n" + strings.Join(lines, "\n") + "\n....\n")
	}
	return err
}
