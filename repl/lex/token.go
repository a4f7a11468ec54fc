package lex

import "strings"

// stepInitial consumes one token outside quotes and comments.
func (s *Splitter) stepInitial() (Kind, bool) {
	rest := s.rest()
	c := rest[0]
	if c == '\'' && s.gap == open {
		s.take(1)
		s.mode, s.gap = inEscapeQuote, noGap
		return 0, false
	}
	switch {
	case c == '\n':
		s.gap.widen()
		s.endLine()
	case IsSpace(c):
		if c == '\r' {
			s.gap.widen()
		}
		s.space()
	case strings.HasPrefix(rest, "--"):
		s.lineComment()
	case c == '\\':
		return Command, s.backslash()
	default:
		s.gap = noGap
		return s.stepToken(c)
	}
	return 0, false
}

// stepToken consumes a token that is not white space.
func (s *Splitter) stepToken(c byte) (Kind, bool) {
	switch rest := s.rest(); {
	case strings.HasPrefix(rest, "/*"):
		s.take(2)
		s.mode, s.nesting = inComment, 1
	case IsWordStart(c):
		s.word()
	case c >= '0' && c <= '9':
		s.body.other()
		s.take(1)
	default:
		s.body.other()
		return s.symbol(c)
	}
	return 0, false
}

// symbol consumes a token that starts with neither a letter nor a digit.
func (s *Splitter) symbol(c byte) (Kind, bool) {
	switch c {
	case '\'':
		s.quote(s.BackslashQuotes)
	case '"':
		s.take(1)
		s.mode = inIdentifier
	case '$':
		s.dollar()
	case '(':
		s.take(1)
		s.parens++
	case ')':
		s.take(1)
		s.parens = max(0, s.parens-1)
	case ':':
		s.colon()
	case ';':
		s.take(1)
		return Statement, s.semicolon()
	default:
		s.take(1)
	}
	return 0, false
}

// semicolon notes a semicolon and reports whether it ends the statement.
func (s *Splitter) semicolon() bool {
	if s.parens > 0 {
		return false
	}
	ends := s.body.next()
	if ends {
		s.copies.end()
	}
	return ends
}

// quote consumes an opening quote.
func (s *Splitter) quote(escapes bool) {
	s.body.other()
	s.take(1)
	s.mode = inQuote
	if escapes {
		s.mode = inEscapeQuote
	}
}

// word consumes an identifier or keyword, or the letters before a quote that say what kind of string follows.
func (s *Splitter) word() {
	rest := s.rest()
	n := 1
	for n < len(rest) && IsWord(rest[n]) {
		n++
	}
	word := rest[:n]
	s.take(n)
	if n == 1 && n < len(rest) && rest[n] == '\'' {
		switch word {
		case "E", "e":
			s.quote(true)
			return
		case "B", "b", "X", "x":
			s.quote(false)
			return
		}
	}
	if (word == "U" || word == "u") && strings.HasPrefix(s.rest(), "&'") {
		s.take(1)
		s.quote(false)
		return
	}
	if s.parens == 0 {
		s.body.word(word)
		s.copies.word(word)
	}
}

// dollar consumes the opening delimiter of a dollar quote, a parameter, or a lone dollar sign.
func (s *Splitter) dollar() {
	rest := s.rest()
	n := 1
	for n < len(rest) && IsWord(rest[n]) && rest[n] != '$' {
		n++
	}
	isDelimiter := n < len(rest) && rest[n] == '$' && (n == 1 || IsWordStart(rest[1]))
	if !isDelimiter {
		s.take(1)
		return
	}
	s.tag = rest[:n+1]
	s.take(n + 1)
	s.mode = inDollar
}

// IsSpace reports whether a byte is white space within a line.
func IsSpace(c byte) bool { return strings.IndexByte(" \t\r\f\v", c) >= 0 }

// IsWordStart reports whether a byte can begin an identifier.
func IsWordStart(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c >= 0x80
}

// IsWord reports whether a byte can stand in an identifier.
func IsWord(c byte) bool { return IsWordStart(c) || c >= '0' && c <= '9' || c == '$' }

// gap is what came after an E'…' string: when a line end is in it, comments or not, a quote goes on with the string.
type gap int

const (
	noGap  gap = iota // no such string stands before
	closed            // the string is closed
	open              // and a line end came after it
)

// widen notes a line end.
func (g *gap) widen() {
	if *g == closed {
		*g = open
	}
}
