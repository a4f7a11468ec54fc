package lex

import "strings"

// backslash consumes what starts with a backslash outside quotes: \; and \: are plain characters of the statement,
// anything else is a command. It reports whether it was a command.
func (s *Splitter) backslash() bool {
	rest := s.rest()
	if strings.HasPrefix(rest, `\;`) || strings.HasPrefix(rest, `\:`) {
		s.skip(1)
		s.take(1)
		s.gap = noGap
		s.body.other()
		if rest[1] == ';' {
			s.semicolon()
		}
		return false
	}
	if len(s.text) > 0 && len(s.text) == s.broken {
		s.text = s.text[:len(s.text)-1] // a line that holds only a command leaves the statement as it is
	}
	n := s.commandLength(rest)
	s.skip(n)
	s.last = strings.TrimRight(strings.TrimSuffix(rest[:n], `\\`), " \t\r")
	return true
}

// commandLength returns how much of text a command takes: all to the end of the line, or to the backslash that starts
// the next command, or with the \\ that ends this one.
func (s *Splitter) commandLength(text string) int {
	name := 1
	for name < len(text) && !IsSpace(text[name]) && text[name] != '\n' && text[name] != '\\' {
		name++
	}
	end := strings.IndexByte(text, '\n')
	if end < 0 {
		end = len(text)
	}
	form := s.form(text[1:name])
	if form == WholeLine {
		return end
	}
	quote := byte(0)
	for i := name; i < end; i++ {
		switch c := text[i]; {
		case quote != 0:
			if c == '\\' && quote == '\'' {
				i++
			} else if c == quote {
				quote = 0
			}
		case c == '\'' || c == '"' || c == '`':
			quote = c
		case c == '|' && IsSpace(text[i-1]) && form == Piped:
			return end
		case strings.HasPrefix(text[i:end], `\\`):
			return i + 2
		case c == '\\':
			return i
		}
	}
	return end
}

// Form says how far a backslash command goes.
type Form int

// The forms.
const (
	Arguments Form = iota // to the next backslash outside quotes
	Piped                 // the same, but from |COMMAND to the end of the line
	WholeLine             // to the end of the line, backslashes and quotes included
)

// form returns the form of a command.
func (s *Splitter) form(name string) Form {
	if s.Form == nil {
		return Arguments
	}
	return s.Form(name)
}
