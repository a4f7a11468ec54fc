package format

import (
	"bufio"
	"fmt"
	"strings"
)

// latexPrinter writes psql's LaTeX format, row by row.
type latexPrinter struct {
	w       *bufio.Writer
	o       Options
	columns []Column
	rows    int
}

// latexText escapes what LaTeX takes for commands.
var latexText = strings.NewReplacer("#", `\#`, "$", `\$`, "%", `\%`, "&", `\&`, "<", `\textless{}`, ">", `\textgreater{}`, `\`, `\textbackslash{}`,
	"^", `\^{}`, "_", `\_`, "{", `\{`, "|", `\textbar{}`, "}", `\}`, "~", `\~{}`, "\n", `\\`)

func (p *latexPrinter) Begin(columns []Column) error {
	p.columns, p.rows = columns, 0
	if p.o.Title != "" && !p.o.TuplesOnly {
		p.w.WriteString("\\begin{center}\n" + latexText.Replace(p.o.Title) + "\n\\end{center}\n\n")
	}
	if p.o.Expanded {
		_, err := p.w.WriteString("\\begin{tabular}{" + [...]string{"cl", "c|l", "|c|l|"}[min(p.o.Border, 2)] + "}\n")
		return err
	}
	p.w.WriteString("\\begin{tabular}{" + latexColumns(columns, p.o.Border, latexAlign) + "}\n")
	if p.o.TuplesOnly {
		return nil
	}
	if p.o.Border >= 2 {
		p.w.WriteString("\\hline\n")
	}
	names := make([]string, len(columns))
	for i, column := range columns {
		names[i] = `\textit{` + latexText.Replace(column.Name) + "}"
	}
	_, err := p.w.WriteString(strings.Join(names, " & ") + " \\\\\n\\hline\n")
	return err
}

func latexAlign(c Column) string {
	if c.right() {
		return "r"
	}
	return "l"
}

// latexColumns returns the alignment of the columns and the lines between them.
func latexColumns(columns []Column, border int, align func(Column) string) string {
	aligns := make([]string, len(columns))
	for i, column := range columns {
		aligns[i] = align(column)
	}
	switch border {
	case 0:
		return strings.Join(aligns, "")
	case 1:
		return strings.Join(aligns, " | ")
	}
	return "| " + strings.Join(aligns, " | ") + " |"
}

func (p *latexPrinter) Row(values [][]byte) error {
	p.rows++
	if len(values) == 0 {
		return nil
	}
	texts := p.o.values(values)
	for i, text := range texts {
		texts[i] = latexText.Replace(text)
	}
	if p.o.Expanded {
		return p.record(texts)
	}
	_, err := p.w.WriteString(strings.Join(texts, " & ") + " \\\\\n")
	if p.o.Border >= 3 {
		_, err = p.w.WriteString("\\hline\n")
	}
	return err
}

// record writes a row as a table row for each column.
func (p *latexPrinter) record(texts []string) error {
	side := ""
	if p.o.Border >= 2 {
		side = "|"
	}
	if !p.o.TuplesOnly {
		if p.o.Border >= 2 {
			p.w.WriteString("\\hline\n")
		}
		fmt.Fprintf(p.w, "\\multicolumn{2}{%sc%s}{\\textit{Record %d}} \\\\\n", side, side, p.rows)
	}
	if p.o.Border >= 1 {
		p.w.WriteString("\\hline\n")
	}
	for i, text := range texts {
		if _, err := p.w.WriteString(latexText.Replace(p.columns[i].Name) + " & " + text + " \\\\\n"); err != nil {
			return err
		}
	}
	return nil
}

func (p *latexPrinter) End() error {
	lines := p.o.below(p.rows)
	bottom := p.o.Border == 2
	if p.o.Expanded {
		lines, bottom = p.o.belowRecords(), p.o.Border >= 2
	}
	if bottom {
		p.w.WriteString("\\hline\n")
	}
	p.w.WriteString("\\end{tabular}\n\n\\noindent ")
	for _, line := range lines {
		p.w.WriteString(latexText.Replace(line) + " \\\\\n")
	}
	return p.w.WriteByte('\n')
}
