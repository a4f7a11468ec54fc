package repl

import "strings"

// stepInitial consumes one token outside quotes and comments.
func (s *Splitter) stepInitial() (Kind, bool) {
	rest := s.rest()
	c := rest[0]
	if s.gap {
		s.gap = c == '\n' || isSpace(c)
		if c == '\'' {
			s.take(1)
			s.mode = inEscapeQuote
			return 0, false
		}
	}
	switch {
	case c == '\n':
		s.endLine()
	case isSpace(c):
		s.space()
	case strings.HasPrefix(rest, "--"):
		s.lineComment()
	case strings.HasPrefix(rest, "/*"):
		s.take(2)
		s.mode, s.nesting = inComment, 1
	case isWordStart(c):
		s.word()
	case c >= '0' && c <= '9':
		s.take(1)
	default:
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
		return Statement, s.parens == 0 && s.body.depth == 0
	case '\\':
		return Command, s.backslash()
	default:
		s.take(1)
	}
	return 0, false
}

// quote consumes an opening quote.
func (s *Splitter) quote(escapes bool) {
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
	for n < len(rest) && isWord(rest[n]) {
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
	} else {
		s.body.count(word)
	}
}

// dollar consumes the opening delimiter of a dollar quote, a parameter, or a lone dollar sign.
func (s *Splitter) dollar() {
	rest := s.rest()
	n := 1
	for n < len(rest) && isWord(rest[n]) && rest[n] != '$' {
		n++
	}
	isDelimiter := n < len(rest) && rest[n] == '$' && (n == 1 || isWordStart(rest[1]))
	if !isDelimiter {
		s.take(1)
		return
	}
	s.tag = rest[:n+1]
	s.take(n + 1)
	s.mode = inDollar
}

func isSpace(c byte) bool { return strings.IndexByte(" \t\r\f\v", c) >= 0 }

func isWordStart(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c >= 0x80
}

func isWord(c byte) bool { return isWordStart(c) || c >= '0' && c <= '9' || c == '$' }
