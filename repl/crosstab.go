package repl

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/pglite-toolbox/pglite/repl/format"
	"github.com/pglite-toolbox/pglite/repl/lex"
)

// crosstabCommand is \crosstabview [COLV [COLH [COLD [SORTCOLH]]]]: it runs the statement and turns rows into columns.
func crosstabCommand(ctx context.Context, r *scriptRun, c *call) error {
	g, err := r.collect(ctx)
	if g == nil || err != nil {
		return err
	}
	turned, err := crosstab(g, lex.ArgumentTexts(c.given), r.Options.Null)
	if err != nil {
		return r.wrong(`\crosstabview: ` + err.Error())
	}
	if err := turned.Print(r.Out, r.Options); err != nil {
		return err
	}
	return r.Out.Flush()
}

// crosstab returns the result with a row for each value of one column and a column for each value of another, null being
// the name of the one for NULL.
func crosstab(g *format.Grid, args []string, null string) (*format.Grid, error) {
	v, h, d, sort, err := crosstabColumns(g, args)
	if err != nil {
		return nil, err
	}
	rows, columns := distinct(g, v), distinct(g, h)
	if len(columns) > 1600 {
		return nil, fmt.Errorf("maximum number of columns (1600) exceeded")
	}
	if sort >= 0 {
		if err := sortHeads(g, columns, h, sort); err != nil {
			return nil, err
		}
	}
	out := &format.Grid{Columns: []format.Column{g.Columns[v]}}
	for _, row := range columns {
		name := null
		if cell := g.Rows[row][h]; cell != nil {
			name = *cell
		}
		out.Columns = append(out.Columns, format.Column{Name: name, OID: g.Columns[d].OID})
	}
	for _, row := range rows {
		cells := make([]*string, len(out.Columns))
		cells[0] = g.Rows[row][v]
		out.Rows = append(out.Rows, cells)
	}
	empty := ""
	filled := map[[2]int]bool{}
	for _, row := range g.Rows {
		y := slices.IndexFunc(rows, func(i int) bool { return sameCell(g.Rows[i][v], row[v]) })
		x := slices.IndexFunc(columns, func(i int) bool { return sameCell(g.Rows[i][h], row[h]) })
		if filled[[2]int{y, x}] {
			return nil, fmt.Errorf(`query result contains multiple data values for row "%s", column "%s"`, shownCell(row[v]), shownCell(row[h]))
		}
		filled[[2]int{y, x}] = true
		out.Rows[y][x+1] = row[d]
	}
	for y := range out.Rows {
		for x := range columns {
			if !filled[[2]int{y, x}] {
				out.Rows[y][x+1] = &empty
			}
		}
	}
	return out, nil
}

func sameCell(a, b *string) bool { return a == nil && b == nil || a != nil && b != nil && *a == *b }

func shownCell(cell *string) string {
	if cell == nil {
		return "(null)"
	}
	return *cell
}

// crosstabColumns finds the columns that the arguments name: the vertical and horizontal heads, the data and the order.
func crosstabColumns(g *format.Grid, args []string) (v, h, d, sort int, err error) {
	if len(g.Columns) < 3 {
		return 0, 0, 0, 0, fmt.Errorf("query must return at least three columns")
	}
	places := []int{0, 1, -1, -1}
	for i, arg := range args[:min(len(args), 4)] {
		if places[i], err = findColumn(g, arg); err != nil {
			return 0, 0, 0, 0, err
		}
	}
	v, h, d, sort = places[0], places[1], places[2], places[3]
	if v == h {
		return 0, 0, 0, 0, fmt.Errorf("vertical and horizontal headers must be different columns")
	}
	if d < 0 {
		if len(g.Columns) > 3 {
			return 0, 0, 0, 0, fmt.Errorf("data column must be specified when query returns more than three columns")
		}
		d = 3 - v - h
	}
	return v, h, d, sort, nil
}

// findColumn returns the column of that number or name.
func findColumn(g *format.Grid, arg string) (int, error) {
	if n, err := strconv.Atoi(arg); err == nil {
		if n < 1 || n > len(g.Columns) {
			return 0, fmt.Errorf("column number %d is out of range 1..%d", n, len(g.Columns))
		}
		return n - 1, nil
	}
	name := lex.FoldIdentifier(arg)
	found := -1
	for i, column := range g.Columns {
		if column.Name != name {
			continue
		}
		if found >= 0 {
			return 0, fmt.Errorf(`ambiguous column name: "%s"`, name)
		}
		found = i
	}
	if found < 0 {
		return 0, fmt.Errorf(`column name not found: "%s"`, name)
	}
	return found, nil
}

// distinct returns the rows at which the values of a column are seen first.
func distinct(g *format.Grid, column int) (rows []int) {
	for i, row := range g.Rows {
		if !slices.ContainsFunc(rows, func(j int) bool { return sameCell(g.Rows[j][column], row[column]) }) {
			rows = append(rows, i)
		}
	}
	return rows
}

// sortHeads orders the horizontal heads by the numbers in another column.
func sortHeads(g *format.Grid, heads []int, h, sort int) error {
	number := map[int]float64{}
	for _, row := range heads {
		n, err := strconv.ParseFloat(g.Text(row, sort), 64)
		if err != nil {
			return fmt.Errorf(`"%s" in the sort column is not a number`, g.Text(row, sort))
		}
		number[row] = n
	}
	slices.SortStableFunc(heads, func(a, b int) int { return cmp.Compare(number[a], number[b]) })
	return nil
}
