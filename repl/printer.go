package repl

import (
	"bufio"
	"strconv"
)

// printer returns a printer of the session's format; with FETCH_COUNT one that prints so many rows at a time.
func (s *Session) printer(w *bufio.Writer, o Options) (Printer, error) {
	p, err := NewPrinter(w, o)
	if err != nil {
		return nil, err
	}
	count, _ := strconv.Atoi(s.Variables["FETCH_COUNT"])
	if aligned, ok := p.(*alignedPrinter); ok && count > 0 {
		aligned.chunk = count
	}
	return p, nil
}
