package format

import (
	"bufio"
	"fmt"
	"strings"
)

// htmlPrinter writes psql's HTML format, row by row.
type htmlPrinter struct {
	w       *bufio.Writer
	o       Options
	columns []Column
	rows    int
}

func (p *htmlPrinter) Begin(columns []Column) error {
	p.columns, p.rows = columns, 0
	fmt.Fprintf(p.w, `<table border="%d"`, p.o.Border)
	if p.o.TableAttr != "" {
		p.w.WriteString(" " + p.o.TableAttr)
	}
	p.w.WriteString(">\n")
	if p.o.Title != "" && !p.o.TuplesOnly {
		p.w.WriteString("  <caption>" + EscapeHTML(p.o.Title) + "</caption>\n")
	}
	if p.o.TuplesOnly || p.o.Expanded {
		return nil
	}
	p.w.WriteString("  <tr>\n")
	for _, column := range columns {
		p.w.WriteString(`    <th align="center">` + EscapeHTML(column.Name) + "</th>\n")
	}
	p.w.WriteString("  </tr>\n")
	return nil
}

func (p *htmlPrinter) Row(values [][]byte) error {
	p.rows++
	if len(values) == 0 {
		return nil
	}
	if p.o.Expanded {
		return p.record(values)
	}
	p.w.WriteString(`  <tr valign="top">` + "\n")
	for i, text := range p.o.values(values) {
		fmt.Fprintf(p.w, `    <td align="%s">%s</td>`+"\n", p.align(i), p.cell(text))
	}
	_, err := p.w.WriteString("  </tr>\n")
	return err
}

// record writes a row as a table row for each column.
func (p *htmlPrinter) record(values [][]byte) error {
	if p.o.TuplesOnly {
		p.w.WriteString("\n  <tr><td colspan=\"2\">&nbsp;</td></tr>\n")
	} else {
		fmt.Fprintf(p.w, "\n  <tr><td colspan=\"2\" align=\"center\">Record %d</td></tr>\n", p.rows)
	}
	for i, text := range p.o.values(values) {
		_, err := fmt.Fprintf(p.w, "  <tr valign=\"top\">\n    <th>%s</th>\n    <td align=\"%s\">%s</td>\n  </tr>\n",
			EscapeHTML(p.columns[i].Name), p.align(i), p.cell(text))
		if err != nil {
			return err
		}
	}
	return nil
}

func (p *htmlPrinter) align(i int) string {
	if p.columns[i].right() {
		return "right"
	}
	return "left"
}

// cell returns a value; a blank one needs something for the browser to draw the cell's border around.
func (p *htmlPrinter) cell(text string) string {
	if strings.Trim(text, " \t") == "" {
		return "&nbsp; "
	}
	return EscapeHTML(text)
}

func (p *htmlPrinter) End() error {
	p.w.WriteString("</table>\n")
	if lines := p.o.below(p.rows); len(lines) > 0 && (!p.o.Expanded || p.o.Footers != nil) {
		p.w.WriteString("<p>")
		for _, line := range lines {
			p.w.WriteString(EscapeHTML(line) + "<br />\n")
		}
		p.w.WriteString("</p>")
	}
	return p.w.WriteByte('\n')
}

var htmlEscapes = strings.NewReplacer("<", "&lt;", ">", "&gt;", "&", "&amp;", `"`, "&quot;", "\n", "<br />\n")

// EscapeHTML escapes text for HTML; spaces at its start are kept from being folded.
func EscapeHTML(text string) string {
	rest := strings.TrimLeft(text, " ")
	return strings.Repeat("&nbsp;", len(text)-len(rest)) + htmlEscapes.Replace(rest)
}
