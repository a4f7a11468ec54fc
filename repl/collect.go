package repl

import (
	"bufio"
	"context"
	"errors"
)

// collector is a Printer that keeps results.
type collector struct{ grids []*grid }

func (c *collector) Begin(columns []Column) error {
	c.grids = append(c.grids, &grid{columns: columns})
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
	g.rows = append(g.rows, row)
	return nil
}

func (c *collector) End() error { return nil }

// printer returns the collector whatever is asked for.
func (c *collector) printer(*bufio.Writer, Options) (Printer, error) { return c, nil }

// discardResult returns a printer that forgets.
func discardResult(*bufio.Writer, Options) (Printer, error) { return &collector{}, nil }

// errNotRun says that a query of ours was shown only, as ECHO_HIDDEN asks for.
var errNotRun = errors.New("the query was not run")

// fetch runs a query of our own and returns its result. An error of the server has been shown.
func (s *Session) fetch(ctx context.Context, sql string) (*grid, error) {
	if s.Variables.flag("ECHO_HIDDEN", false) || s.Variables["ECHO_HIDDEN"] == "noexec" {
		s.Out.WriteString("/******** QUERY *********/\n" + sql + ";\n/************************/\n\n")
		s.Out.Flush()
	}
	if s.Variables["ECHO_HIDDEN"] == "noexec" {
		return nil, errNotRun
	}
	c := &collector{}
	if err := s.exchange(ctx, sql, how{silent: true, internal: true, newPrinter: c.printer}); err != nil {
		return nil, err
	}
	if len(c.grids) == 0 {
		return &grid{}, nil
	}
	return c.grids[len(c.grids)-1], nil
}
