package repl

import (
	"strings"

	"github.com/pglite-toolbox/pglite/repl/format"
	"github.com/pglite-toolbox/pglite/repl/lex"
)

// Variables are psql's variables, set with -v and \set.
type Variables map[string]string

// flag returns a variable that is on or off.
func (v Variables) flag(name string, otherwise bool) bool {
	if on, ok := format.ParseBool(v[name]); ok {
		return on
	}
	return otherwise
}

// Lookup returns the text that stands for :name and its quoted forms, as Splitter.Variable wants it.
func (v Variables) Lookup(name string, quote byte) (string, bool) {
	value, ok := v[name]
	switch quote {
	case '?':
		if ok {
			return "TRUE", true
		}
		return "FALSE", true
	case '\'':
		return lex.QuoteLiteral(value), ok
	case '"':
		return `"` + strings.ReplaceAll(value, `"`, `""`) + `"`, ok
	}
	return value, ok
}
