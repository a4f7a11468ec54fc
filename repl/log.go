package repl

import (
	"bufio"
	"io"
)

// logQuery writes a query to the session's log.
func (s *Session) logQuery(sql string) {
	if s.Log != nil {
		_, _ = io.WriteString(s.Log, "/******** QUERY *********/\n"+sql+"\n/************************/\n\n")
	}
}

// logged returns a writer of results that go to the session's log too.
func (s *Session) logged(out *bufio.Writer) *bufio.Writer {
	if s.Log == nil {
		return out
	}
	return bufio.NewWriter(&tee{out, s.Log})
}

// tee passes on what it gets at once.
type tee struct {
	out *bufio.Writer
	log io.Writer
}

// Write implements io.Writer.
func (t *tee) Write(b []byte) (int, error) {
	if _, err := t.log.Write(b); err != nil {
		return 0, err
	}
	if n, err := t.out.Write(b); err != nil {
		return n, err
	}
	return len(b), t.out.Flush()
}
