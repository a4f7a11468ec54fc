package repl

import (
	"bufio"
	"context"

	"github.com/pglite-toolbox/pglite/repl/format"
)

// collector is a Printer that keeps results.
type collector struct{ grids []*format.Grid }

func (c *collector) Begin(columns []format.Column) error {
	c.grids = append(c.grids, &format.Grid{Columns: columns})
	return nil
}

func (c *collector) Row(values [][]byte) error {
	g := c.grids[len(c.grids)-1]
	row := make([]*string, len(values))
	for i, value := range values {
		if value != nil {
			text := string(value)
			row[i] = &text
		}
	}
	g.Rows = append(g.Rows, row)
	return nil
}

func (c *collector) End() error { return nil }

// printer returns the collector whatever is asked for.
func (c *collector) printer(*bufio.Writer, format.Options) (format.Printer, error) { return c, nil }

// discardResult returns a printer that forgets.
func discardResult(*bufio.Writer, format.Options) (format.Printer, error) { return &collector{}, nil }

// errNotRun says that a query of ours was shown only, as ECHO_HIDDEN asks for.
var errNotRun error = &CommandError{"the query was not run"}

// fetch runs a query of our own and returns its result. An error of the server has been shown.
func (s *Session) fetch(ctx context.Context, sql string) (*format.Grid, error) {
	if s.Variables.flag("ECHO_HIDDEN", false) || s.Variables["ECHO_HIDDEN"] == "noexec" {
		s.Out.WriteString("/******** QUERY *********/\n" + sql + ";\n/************************/\n\n")
		s.Out.Flush()
	}
	if s.Variables["ECHO_HIDDEN"] == "noexec" {
		return nil, errNotRun
	}
	s.logQuery(sql)
	c := &collector{}
	if err := s.exchange(ctx, sql, how{silent: true, internal: true, newPrinter: c.printer}); err != nil {
		return nil, err
	}
	if len(c.grids) == 0 {
		return &format.Grid{}, nil
	}
	return c.grids[len(c.grids)-1], nil
}
