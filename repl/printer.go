package repl

import "bufio"

// printer returns a printer of the session's format; with FETCH_COUNT one that prints so many rows at a time.
func (s *Session) printer(w *bufio.Writer, o Options) (Printer, error) {
	p, err := NewPrinter(w, o)
	if err != nil {
		return nil, err
	}
	count := s.Variables.number("FETCH_COUNT")
	inner := p
	if grouped, ok := p.(*groupedPrinter); ok {
		inner = grouped.Printer
	}
	if measured, ok := inner.(*measuredPrinter); ok && count > 0 && s.Variables.flag("SHOW_ALL_RESULTS", true) {
		measured.chunk = count
	}
	return p, nil
}
