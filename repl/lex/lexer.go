package lex

import "strings"

// mode is what the lexer is inside of.
type mode int

const (
	initial       mode = iota
	inComment          // /* … */
	inQuote            // '…' in which a backslash is a character like any other
	inEscapeQuote      // '…' in which a backslash escapes
	inIdentifier       // "…"
	inDollar           // $tag$ … $tag$
)

// step consumes one token, or a part of one, and reports whether a segment ends with it. The rules are those of
// https://www.postgresql.org/docs/18/sql-syntax-lexical.html and of psql, which reads SQL the same way.
func (s *Splitter) step() (Kind, bool) {
	switch s.mode {
	case inComment:
		s.stepComment()
	case inQuote:
		s.through('\'')
	case inIdentifier:
		s.through('"')
	case inEscapeQuote:
		s.stepEscapeQuote()
	case inDollar:
		s.stepDollar()
	default:
		return s.stepInitial()
	}
	return 0, false
}

// rest is the input not yet consumed.
func (s *Splitter) rest() string { return s.input[s.at:] }

// take consumes n bytes into the statement.
func (s *Splitter) take(n int) {
	s.text = append(s.text, s.input[s.at:s.at+n]...)
	s.at += n
}

// skip consumes n bytes that are not sent.
func (s *Splitter) skip(n int) { s.at += n }

// endLine consumes a line end; it gets into the statement only when another line follows.
func (s *Splitter) endLine() {
	s.at++
	if len(s.outer) > 0 {
		s.text = append(s.text, '\n') // a line end of a variable's value, not of the script
		return
	}
	s.newline = true
	s.line++
}

// takeUntil consumes up to one of the bytes in stop or the end of the line, and returns the byte found. It returns 0
// when the line or the input ended.
func (s *Splitter) takeUntil(stop string) byte {
	rest := s.rest()
	i := strings.IndexAny(rest, stop+"\n")
	if i < 0 {
		s.take(len(rest))
		return 0
	}
	s.take(i)
	if rest[i] == '\n' {
		s.endLine()
		return 0
	}
	return rest[i]
}

// through consumes up to and with the closing quote. A doubled quote closes and opens again, which comes to the same.
func (s *Splitter) through(quote byte) {
	if s.takeUntil(string(quote)) != 0 {
		s.take(1)
		s.mode = initial
	}
}

func (s *Splitter) stepEscapeQuote() {
	found := s.takeUntil(`'\`)
	rest := s.rest()
	switch {
	case found == 0:
	case found == '\\' && len(rest) > 1 && rest[1] != '\n':
		s.take(2)
	case found == '\\':
		s.take(1)
	case strings.HasPrefix(rest, "''"):
		s.take(2)
	default:
		s.take(1)
		s.mode = initial
		s.gap = closed
	}
}

func (s *Splitter) stepDollar() {
	if s.takeUntil("$") == 0 {
		return
	}
	if strings.HasPrefix(s.rest(), s.tag) {
		s.take(len(s.tag))
		s.mode, s.tag = initial, ""
		return
	}
	s.take(1)
}

func (s *Splitter) stepComment() {
	found := s.takeUntil("/*")
	switch rest := s.rest(); {
	case found == 0:
	case strings.HasPrefix(rest, "/*"):
		s.take(2)
		s.nesting++
	case strings.HasPrefix(rest, "*/"):
		s.take(2)
		if s.nesting--; s.nesting == 0 {
			s.mode = initial
		}
	default:
		s.take(1)
	}
}

// space consumes white space, which is sent only when something comes before it.
func (s *Splitter) space() {
	if len(s.text) > 0 {
		s.take(1)
	} else {
		s.skip(1)
	}
}

// lineComment consumes a comment up to the end of the line, for which the server takes a lone \r too; it too is sent
// only inside a statement.
func (s *Splitter) lineComment() {
	n := strings.IndexAny(s.rest(), "\r\n")
	if n < 0 {
		n = len(s.rest())
	}
	if len(s.text) > 0 {
		s.take(n)
	} else {
		s.skip(n)
	}
}
