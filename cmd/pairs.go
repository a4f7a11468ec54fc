package cmd

import (
	"bytes"
	"io"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/renderer"
	"github.com/olekukonko/tablewriter/tw"
)

// writePairs prints names and what belongs to them in two columns.
func writePairs(w io.Writer, rows [][2]string) error {
	var b bytes.Buffer
	plain := tw.Rendition{
		Borders: tw.BorderNone, Symbols: tw.NewSymbols(tw.StyleNone),
		Settings: tw.Settings{Lines: tw.LinesNone, Separators: tw.SeparatorsNone},
	}
	table := tablewriter.NewTable(&b, tablewriter.WithRenderer(renderer.NewBlueprint(plain)),
		tablewriter.WithRowAutoWrap(tw.WrapNone), tablewriter.WithTrimSpace(tw.Off), tablewriter.WithEastAsian(tw.Off),
		tablewriter.WithRowAlignment(tw.AlignLeft), tablewriter.WithPadding(tw.Padding{Right: " ", Overwrite: true}))
	for _, row := range rows {
		if err := table.Append(row[0], row[1]); err != nil {
			return err
		}
	}
	if err := table.Render(); err != nil {
		return err
	}
	for line := range bytes.Lines(b.Bytes()) {
		if _, err := w.Write(append(bytes.TrimRight(line, " \n"), '\n')); err != nil {
			return err
		}
	}
	return nil
}
