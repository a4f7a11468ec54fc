package wire

// isSQL reports whether what a message says is SQL, and not data or a text in which SQL may be.
func isSQL(m *Message) bool { return m.Name == "Query" || m.Name == "Parse" }

// sqlCode tells the code of SQL from its literals. From the first comment, backslash or dollar quote on it takes
// nothing for code, as these could hide where a literal begins.
type sqlCode struct {
	body  []byte
	next  int
	quote byte // of the literal or identifier before next; 0 in code
	doubt bool
}

// at reports whether a place is surely in code. Places have to ascend.
func (s *sqlCode) at(place int) bool {
	for ; s.next < place && !s.doubt; s.next++ {
		c, after := s.body[s.next], byte(0)
		if s.next+1 < len(s.body) {
			after = s.body[s.next+1]
		}
		switch {
		case c == '\\':
			s.doubt = true
		case s.quote != 0:
			if c == s.quote {
				s.quote = 0 // when it is doubled, for a moment
			}
		case c == '\'' || c == '"':
			s.quote = c
		case c == '-' && after == '-', c == '/' && after == '*', c == '$' && (after < '0' || after > '9'):
			s.doubt = true
		}
	}
	return s.quote == 0 && !s.doubt
}
