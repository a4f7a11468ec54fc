package format

import (
	"bufio"
	"fmt"
	"strings"
)

// latexPrinter writes psql's LaTeX format, row by row.
type latexPrinter struct{ markup }

func newLatexPrinter(w *bufio.Writer, o Options) *latexPrinter {
	return &latexPrinter{markup{w: w, o: o, escape: latexText, between: " & ", end: " \\\\\n"}}
}

// latexText escapes what LaTeX takes for commands.
var latexText = strings.NewReplacer("#", `\#`, "$", `\$`, "%", `\%`, "&", `\&`, "<", `\textless{}`, ">", `\textgreater{}`, `\`, `\textbackslash{}`,
	"^", `\^{}`, "_", `\_`, "{", `\{`, "|", `\textbar{}`, "}", `\}`, "~", `\~{}`, "\n", `\\`)

func (p *latexPrinter) Begin(columns []Column) error {
	if title := p.begin(columns); title != "" {
		p.w.WriteString("\\begin{center}\n" + title + "\n\\end{center}\n\n")
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
	_ = p.row(p.names(`\textit{`, "}"))
	_, err := p.w.WriteString("\\hline\n")
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
	texts := p.cells(values)
	switch {
	case texts == nil:
		return nil
	case p.o.Expanded:
		return p.record(texts)
	}
	err := p.row(texts)
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
	return p.pairs(texts)
}

func (p *latexPrinter) End() error {
	if p.o.Border == 2 || p.o.Expanded && p.o.Border > 2 {
		p.w.WriteString("\\hline\n")
	}
	p.w.WriteString("\\end{tabular}\n\n\\noindent ")
	p.below()
	return p.w.WriteByte('\n')
}
