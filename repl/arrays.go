package repl

import (
	"context"
	"strconv"
	"strings"

	"github.com/pglite-toolbox/pglite/repl/format"
)

// learnArrays asks the server for its array types, of which format knows the usual ones only, before a statement whose
// result is printed as JSON. It asks outside of transactions only, in which a statement of ours could be seen, and again
// when types may have been made.
func (s *Session) learnArrays(ctx context.Context, h how) {
	o := s.Options
	if h.options != nil {
		o = *h.options
	}
	wanted := (o.Format == format.JSON || o.Format == format.JSONLines) && !h.internal
	if !wanted || s.arraysKnown || s.tx == 'T' || s.tx == 'E' || s.pipe != nil || s.unusable != nil {
		return
	}
	s.arraysKnown = true
	c := &collector{}
	last, query := s.lastError, s.lastQuery
	s.unheard(func() {
		const sql = "SELECT oid, typelem, typdelim FROM pg_catalog.pg_type WHERE typcategory = 'A' AND typlen = -1"
		_ = s.exchange(ctx, sql, how{silent: true, internal: true, newPrinter: c.printer}) // without them arrays are text
	})
	s.lastError, s.lastQuery = last, query
	s.arrays = map[uint32]format.Array{}
	for _, g := range c.grids {
		for row := range g.Rows {
			array, _ := strconv.ParseUint(g.Text(row, 0), 10, 32)
			element, _ := strconv.ParseUint(g.Text(row, 1), 10, 32)
			if delimiter := g.Text(row, 2); delimiter != "" {
				s.arrays[uint32(array)] = format.Array{Element: uint32(element), Delimiter: delimiter[0]}
			}
		}
	}
}

// makesTypes reports whether a statement with such a command tag may have made a type.
func makesTypes(tag string) bool {
	switch verb, _, _ := strings.Cut(tag, " "); verb {
	case "CREATE", "ALTER", "COMMIT", "DO", "CALL", "IMPORT":
		return true
	}
	return false
}
