package repl

import (
	"bufio"

	"github.com/pglite-toolbox/pglite/repl/format"
)

// openPrinter returns a printer of the session's format; with FETCH_COUNT one that prints so many rows at a time.
func (s *Session) openPrinter(w *bufio.Writer, o format.Options) (format.Printer, error) {
	if s.Variables.flag("SHOW_ALL_RESULTS", true) {
		o.Chunk = s.Variables.number("FETCH_COUNT")
	}
	return format.NewPrinter(w, o)
}
