package format

import (
	"bufio"
	"strings"
)

// longLatexPrinter writes psql's latex-longtable format, row by row: tables that go on over pages, with the packages
// longtable and booktabs. The attributes of tables are the widths of left-aligned columns, as parts of the text's width.
type longLatexPrinter struct {
	w *bufio.Writer
	o Options
}

func (p *longLatexPrinter) Begin(columns []Column) error {
	widths := strings.Fields(p.o.TableAttr)
	last := ""
	align := func(c Column) string {
		if c.right() {
			return "r"
		}
		if len(widths) > 0 {
			last, widths = widths[0], widths[1:]
		}
		if last == "" {
			return "l"
		}
		return "p{" + last + `\textwidth}`
	}
	p.w.WriteString("\\begin{longtable}{" + latexColumns(columns, p.o.Border, align) + "}\n")
	if p.o.TuplesOnly {
		return nil
	}
	names := make([]string, len(columns))
	for i, column := range columns {
		names[i] = `\small\textbf{\textit{` + latexText.Replace(column.Name) + "}}"
	}
	head := strings.Join(names, " & ") + " \\\\\n"
	if p.o.Border >= 2 {
		head = "\\toprule\n" + head
	}
	p.w.WriteString(head + "\\midrule\n\\endfirsthead\n" + head)
	if p.o.Border < 3 {
		p.w.WriteString("\\midrule\n")
	}
	_, err := p.w.WriteString("\\endhead\n" + p.foot())
	return err
}

// foot returns what stands below the table on each page and on the last.
func (p *longLatexPrinter) foot() string {
	bottom := ""
	if p.o.Border == 2 || p.o.Border > 2 && p.o.Title == "" {
		bottom = "\\bottomrule\n"
	}
	if p.o.Title != "" {
		title := latexText.Replace(p.o.Title)
		return bottom + `\caption[` + title + ` (Continued)]{` + title + "}\n\\endfoot\n" + bottom + `\caption[` + title + `]{` + title + "}\n\\endlastfoot\n"
	}
	if bottom == "" {
		return ""
	}
	return bottom + "\\endfoot\n" + bottom + "\\endlastfoot\n"
}

func (p *longLatexPrinter) Row(values [][]byte) error {
	if len(values) == 0 {
		return nil
	}
	for i, text := range p.o.values(values) {
		if i > 0 {
			p.w.WriteString("\n&\n")
		}
		p.w.WriteString(`\raggedright{` + latexText.Replace(text) + "}")
	}
	_, err := p.w.WriteString(" \\tabularnewline\n")
	if p.o.Border >= 3 {
		_, err = p.w.WriteString(" \\hline\n")
	}
	return err
}

func (p *longLatexPrinter) End() error {
	_, err := p.w.WriteString("\\end{longtable}\n")
	return err
}
