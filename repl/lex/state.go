package lex

import "strings"

// State says what the splitter is in the middle of when its input is used up. A prompt shows it
// (%R in https://www.postgresql.org/docs/18/app-psql.html#APP-PSQL-PROMPTING).
type State int

// The states, in the order of the table in psql's manual.
const (
	Ready         State = iota // nothing collected: a new statement starts
	Continue                   // a statement has begun and is not ended
	InComment                  // inside /* … */
	InSingleQuote              // inside '…'
	InDoubleQuote              // inside "…"
	InDollarQuote              // inside $tag$ … $tag$
	InParen                    // inside ( … )
)

// Prompt returns the character that psql puts in its prompt for the state.
func (s State) Prompt() byte {
	const characters = `=-*'"$(`
	return characters[s]
}

// State returns what the splitter is in the middle of. It is meaningful when Next has returned false.
func (s *Splitter) State() State {
	switch s.mode {
	case inComment:
		return InComment
	case inQuote, inEscapeQuote:
		return InSingleQuote
	case inIdentifier:
		return InDoubleQuote
	case inDollar:
		return InDollarQuote
	}
	switch {
	case s.parens > 0:
		return InParen
	case s.body.depth > 0, len(s.text) > 0:
		return Continue
	}
	return Ready
}

// Quoting reports whether the splitter is inside of quotes or a comment.
func (s *Splitter) Quoting() bool { return s.mode != initial }

// Mark is a place in the statement being collected.
type Mark struct {
	text    string
	parens  int
	body    body
	newline bool
}

// Here remembers the statement collected so far.
func (s *Splitter) Here() Mark {
	return Mark{string(s.text), s.parens, s.body, s.newline}
}

// Rewind forgets what was collected since the mark.
func (s *Splitter) Rewind(m Mark) {
	s.text = append(s.text[:0], m.text...)
	s.parens, s.body, s.mode, s.broken = m.parens, m.body, initial, 0
}

// NextLine returns the number of the line of the statement that comes next, counted from 1.
func (s *Splitter) NextLine() int { return strings.Count(string(s.text), "\n") + 1 }
