package repl

import (
	"context"
	"errors"
	"regexp"

	"github.com/pglite-toolbox/pglite/repl/lex"
)

// copies are the COPY … FROM STDIN of a query string whose data is still to be read.
type copies struct {
	left int
	data *lex.Input // where the data comes from, nil when there is none
}

// copiesOf returns those of a query string, whose data follows in the script.
func (s *Session) copiesOf(sql string) *copies {
	return &copies{left: lex.CopiesIn(sql, s.Status["standard_conforming_strings"] == "off"), data: s.Input}
}

// next takes one of them, and reports false when none is left.
func (c *copies) next() bool {
	if c == nil || c.left == 0 {
		return false
	}
	c.left--
	return true
}

// passOver reads the data in the script for COPY that the server did not ask for, because it failed before or was not
// run. The data must not be taken for SQL or commands: whoever wrote it would decide what is run. psql does the same
// since CVE-2026-6464. Data of which somebody types each line is not waited for; what was pasted is there already.
func (s *Session) passOver(ctx context.Context, c *copies) {
	for ; c.left > 0 && c.data != nil && c.data == s.Input && ctx.Err() == nil; c.left-- {
		if !c.data.Typed {
			c.data.PassOver(ctx)
		} else if s.pasted != nil && s.pasted.PassOver() {
			s.Message("The lines up to the end of the data for COPY were passed over.\n")
		}
	}
}

// passOverUnrun passes over the data for a command that was not run, and for the statement that it was to send.
func (r *scriptRun) passOverUnrun(ctx context.Context, c *call, pending string) {
	n := 0
	switch {
	case c.name == "copy":
		n = r.copiesOfCommand(c.rest)
	case c.sends:
		if n = r.copiesOf(pending).left; n > 0 {
			r.splitter.Reset() // the data is gone, so a later command must not send it
		}
	}
	r.passOver(ctx, &copies{left: n, data: r.Input})
}

// copiesOfCommand returns 1 when data for \copy follows in the script, also when it cannot be parsed.
func (r *scriptRun) copiesOfCommand(text string) int {
	c, err := parseCopy(text)
	if err == nil && c.from && c.standard() && r.standardInput(c) == r.Input || err != nil && fromStdin.MatchString(text) {
		return 1
	}
	return 0
}

var fromStdin = regexp.MustCompile(`(?i)\bfrom\s+(stdin|stdout)\b`)

// abort ends the connection for a reason that it shows.
func (x *exchange) abort(reason string) error {
	x.show(reason + "\n")
	_ = x.Conn.Close()
	return &ConnectionError{Err: errors.New(reason), Shown: true}
}
