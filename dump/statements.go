package dump

import "bytes"

// statements follows SQL line by line, as far as it takes to tell where statements begin, what is in a literal or a
// comment, and what is the data of a COPY. psql, which reads the same, decides by itself: nobody's safety may depend on
// what is found here.
type statements struct {
	quote   byte   // ' or " that is open
	escapes bool   // a backslash escapes in the literal that is open
	dollar  []byte // the tag of a literal that is open, with its dollars
	comment int    // block comments that are open
	data    bool   // of a COPY

	first, before string // words of the statement: the first one, and the one before
	copy, copied  bool   // the statement is COPY … FROM STDIN; it has ended, and data follows the line
	middle        bool   // the next bytes belong to a line that has begun
	ended         int    // statements
}

// outside reports whether what comes next is in no literal, comment or data, and begins a line.
func (s *statements) outside() bool {
	return s.quote == 0 && s.dollar == nil && s.comment == 0 && !s.data && !s.middle
}

// between reports whether what comes next begins a statement.
func (s *statements) between() bool { return s.outside() && s.first == "" }

// line reads a line, or a part of one that is long.
func (s *statements) line(line []byte) {
	whole := len(line) > 0 && line[len(line)-1] == '\n'
	if s.data {
		if !s.middle && whole && string(bytes.TrimRight(line, "\r\n")) == `\.` {
			s.data = false
		}
	} else {
		s.scan(line)
	}
	if s.middle = !whole; whole && s.copied {
		s.data, s.copied = true, false
	}
}

func (s *statements) scan(b []byte) {
	for len(b) > 0 {
		switch {
		case s.comment > 0:
			b = s.inComment(b)
		case s.dollar != nil:
			at := bytes.Index(b, s.dollar)
			if at < 0 {
				return
			}
			b, s.dollar = b[at+len(s.dollar):], nil
		case s.quote != 0:
			b = s.inQuote(b)
		default:
			b = s.code(b)
		}
	}
}

// inComment reads to the next mark of a block comment, which nest.
func (s *statements) inComment(b []byte) (rest []byte) {
	for i := 0; i+1 < len(b); i++ {
		switch {
		case b[i] == '*' && b[i+1] == '/':
			s.comment--
			return b[i+2:]
		case b[i] == '/' && b[i+1] == '*':
			s.comment++
			return b[i+2:]
		}
	}
	return nil
}

// inQuote reads to the end of a literal or name.
func (s *statements) inQuote(b []byte) (rest []byte) {
	for i := 0; i < len(b); i++ {
		switch {
		case b[i] == '\\' && s.escapes:
			i++
		case b[i] == s.quote && i+1 < len(b) && b[i+1] == s.quote:
			i++
		case b[i] == s.quote:
			s.quote, s.escapes = 0, false
			return b[i+1:]
		}
	}
	return nil
}

// code reads one thing outside of literals and comments.
func (s *statements) code(b []byte) (rest []byte) {
	switch c := b[0]; {
	case isWord(c):
		n := 1
		for n < len(b) && (isWord(b[n]) || b[n] == '$') {
			n++
		}
		if n == 1 && (c == 'e' || c == 'E') && len(b) > 1 && b[1] == '\'' {
			s.quote, s.escapes = '\'', true
			return b[2:]
		}
		s.word(b[:n])
		return b[n:]
	case c == '\'' || c == '"':
		s.quote = c
		s.some()
	case c == '$':
		if tag := dollarTag(b); tag != nil {
			s.dollar = bytes.Clone(tag)
			s.some()
			return b[len(tag):]
		}
	case c == '-' && len(b) > 1 && b[1] == '-':
		return nil
	case c == '/' && len(b) > 1 && b[1] == '*':
		s.comment = 1
		return b[2:]
	case c == ';':
		s.copied = s.copied || s.copy
		s.first, s.before, s.copy = "", "", false
		s.ended++
		return b[1:]
	}
	if b[0] > ' ' {
		s.before = ""
	}
	return b[1:]
}

// some notes that the statement has begun.
func (s *statements) some() {
	if s.first == "" {
		s.first = "?"
	}
}

// longestWord is more than the length of a word that matters.
const longestWord = 8

func (s *statements) word(b []byte) {
	w := "?"
	if len(b) < longestWord {
		w = string(bytes.ToLower(b))
	}
	if s.first == "" {
		s.first = w
	}
	s.copy = s.copy || w == "stdin" && s.before == "from" && s.first == "copy"
	s.before = w
}

func isWord(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c >= 0x80
}

// dollarTag returns the $tag$ with which b begins, nil when it begins with none.
func dollarTag(b []byte) []byte {
	for i := 1; i < len(b); i++ {
		switch {
		case b[i] == '$':
			return b[:i+1]
		case !isWord(b[i]) || i == 1 && b[i] >= '0' && b[i] <= '9':
			return nil
		}
	}
	return nil
}
