package format

import (
	"bufio"
	"fmt"
	"strings"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/renderer"
	"github.com/olekukonko/tablewriter/tw"
)

// tablePrinter draws a box of Unicode lines around the result. tablewriter does the drawing, see alignedPrinter for why
// psql's own format is not left to it.
type tablePrinter struct {
	w       *bufio.Writer
	o       Options
	columns []Column
	cells   [][]string
}

func (p *tablePrinter) Begin(columns []Column) error {
	p.columns, p.cells = columns, nil
	return nil
}

func (p *tablePrinter) Row(values [][]byte) error {
	cells := p.o.values(values)
	for i, cell := range cells {
		cells[i] = p.o.Encoding.shown(cell)
	}
	p.cells = append(p.cells, cells)
	return nil
}

// shown makes control characters visible, so that they do no harm to the box.
func (e Encoding) shown(text string) string {
	lines := e.showLines(text)
	texts := make([]string, len(lines))
	for i, line := range lines {
		texts[i] = line.text
	}
	return strings.Join(texts, "\n")
}

func (p *tablePrinter) End() error {
	if err := p.draw(); err != nil {
		return fmt.Errorf("draw the table: %w", err)
	}
	if !p.o.TuplesOnly && !p.o.NoFooter {
		p.w.WriteString(footer(len(p.cells)) + "\n")
	}
	p.cells = nil
	return p.w.WriteByte('\n')
}

func (p *tablePrinter) draw() error {
	names := make([]string, len(p.columns))
	aligns := make([]tw.Align, len(p.columns))
	for i, column := range p.columns {
		names[i] = p.o.Encoding.shown(column.Name)
		aligns[i] = map[bool]tw.Align{true: tw.AlignRight, false: tw.AlignLeft}[column.right()]
	}
	rows := p.cells
	if p.o.Expanded {
		names, aligns, rows = p.expand(names)
	}
	if len(names) == 0 || len(rows) == 0 && p.o.TuplesOnly {
		return nil
	}
	table := tablewriter.NewTable(p.w,
		tablewriter.WithRenderer(renderer.NewBlueprint(tw.Rendition{Symbols: tw.NewSymbols(tw.StyleLight)})),
		tablewriter.WithHeaderAutoFormat(tw.Off), tablewriter.WithHeaderAutoWrap(tw.WrapNone), tablewriter.WithRowAutoWrap(tw.WrapNone),
		tablewriter.WithTrimSpace(tw.Off), tablewriter.WithTrimLine(tw.Off), tablewriter.WithEastAsian(tw.Off),
		tablewriter.WithHeaderAlignment(tw.AlignCenter), tablewriter.WithRowAlignmentConfig(tw.CellAlignment{PerColumn: aligns}))
	if !p.o.TuplesOnly && !p.o.Expanded {
		table.Header(names)
	}
	if err := table.Bulk(rows); err != nil {
		return err
	}
	return table.Render()
}

// expand makes a row of each column of each record.
func (p *tablePrinter) expand(names []string) ([]string, []tw.Align, [][]string) {
	var rows [][]string
	for record, cells := range p.cells {
		if !p.o.TuplesOnly {
			rows = append(rows, []string{fmt.Sprintf("Record %d", record+1), ""})
		}
		for i, cell := range cells {
			rows = append(rows, []string{names[i], cell})
		}
	}
	return []string{"column", "value"}, []tw.Align{tw.AlignLeft, tw.AlignLeft}, rows
}
