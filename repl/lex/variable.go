package lex

import (
	"slices"
	"strings"
)

// colon consumes a colon: a cast, an assignment, a variable's name, or a colon like any other.
func (s *Splitter) colon() {
	rest := s.rest()
	if strings.HasPrefix(rest, "::") || strings.HasPrefix(rest, ":=") {
		s.take(2)
		return
	}
	name, quote, n := variableName(rest)
	if n == 0 || s.Variable == nil || slices.Contains(s.active, name) {
		s.take(max(n, 1))
		return
	}
	value, known := s.Variable(name, quote)
	switch {
	case !known:
		s.take(n)
	case quote == 0:
		s.skip(n)
		s.enter(name, value)
	default:
		s.skip(n)
		s.text = append(s.text, value...)
	}
}

// variableName reads :name, :'name', :"name" or :{?name} and returns how long it is, 0 when there is none.
func variableName(text string) (name string, quote byte, length int) {
	end := func(from int) int {
		i := from
		for i < len(text) && IsVariable(text[i]) {
			i++
		}
		return i
	}
	open, closing := ":", ""
	switch {
	case strings.HasPrefix(text, ":'"):
		open, closing, quote = ":'", "'", '\''
	case strings.HasPrefix(text, `:"`):
		open, closing, quote = `:"`, `"`, '"'
	case strings.HasPrefix(text, ":{?"):
		open, closing, quote = ":{?", "}", '?'
	}
	i := end(len(open))
	if i == len(open) || !strings.HasPrefix(text[i:], closing) {
		return "", 0, 0
	}
	return text[len(open):i], quote, i + len(closing)
}

// IsVariable reports whether a byte can stand in the name of a variable of psql.
func IsVariable(c byte) bool { return IsWord(c) && c != '$' }

// enter goes on reading in the value of a variable, so that what it holds is split like the text around it.
func (s *Splitter) enter(name, value string) {
	if len(s.outer) == 0 {
		s.raw = append(s.raw, s.input[s.mark:s.at]...)
	}
	s.outer = append(s.outer, s.rest())
	s.active = append(s.active, name)
	s.input, s.at, s.mark = value, 0, 0
}

// leave goes back to the input around a variable's value. It reports false at the outermost level.
func (s *Splitter) leave() bool {
	last := len(s.outer) - 1
	if last < 0 {
		return false
	}
	s.input, s.at, s.mark = s.outer[last], 0, 0
	s.outer, s.active = s.outer[:last], s.active[:last]
	return true
}
