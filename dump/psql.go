package dump

import (
	"bytes"
	"fmt"
	"io"
	"regexp"
)

// scriptError is psql's exit code for an error in a script.
const scriptError = 3

// psqlError begins a line of psql that tells of an error in the script.
var psqlError = regexp.MustCompile(`^psql:<stdin>:\d+: (?:ERROR|FATAL|PANIC|error|fatal):`)

// psqlErrors passes on what psql says and counts the errors of the script: psql itself ends with 0 when it has gone on
// after them.
type psqlErrors struct {
	w    io.Writer // nil drops what is written
	n    int
	line []byte // how the line begins that is being written
}

// Write implements io.Writer.
func (p *psqlErrors) Write(b []byte) (int, error) {
	for part := range bytes.Lines(b) {
		const enough = 64
		p.line = append(p.line, part[:min(len(part), enough-min(enough, len(p.line)))]...)
		if part[len(part)-1] == '\n' {
			if psqlError.Match(p.line) {
				p.n++
			}
			p.line = p.line[:0]
		}
	}
	if p.w == nil {
		return len(b), nil
	}
	return p.w.Write(b)
}

// explained says on Stderr what psql does not: how many errors there were, and what to do about a command that it has
// refused.
func (r Restore) explained(refused string, errors int) error {
	if r.Stderr == nil {
		return nil
	}
	if r.Continue {
		if _, err := fmt.Fprintf(r.Stderr, "pglite: errors ignored on restore: %d\n", errors); err != nil {
			return err
		}
	}
	if refused == "" {
		return nil
	}
	_, err := fmt.Fprintf(r.Stderr, "pglite: %s is a command of psql, and dumps have none but \\connect to a "+
		"database, between statements: "+
		"restore lets a dump read and write no files and run nothing. Run a script that you trust with psql\n", refused)
	return err
}
