package lex

import (
	"errors"
	"strings"
	"testing"
)

func TestSplitArguments(t *testing.T) {
	t.Parallel()
	vars := Expansion{
		Variable: func(name string, quote byte) (string, bool) {
			return map[byte]string{0: "a 'b'", '\'': "'a ''b'''", '"': `"a 'b'"`}[quote], name == "v"
		},
		Run: func(command string) (string, error) { return "<" + command + ">\n\n", nil },
	}
	for text, want := range map[string]string{
		"":                              "",
		" a  b\t":                       "a|b",
		"'a b' c":                       "a b|c",
		"'it''s' 'a\\'b\\n'":            "it's|a'b\n",
		"x'y z'w":                       "xy zw",
		`'\x41\x4ag\1012\60' '\xz\8\\'`: "AJgA20|xz8\\",
		`"a b" c"d e"f`:                 `"a b"|c"d e"f`,
		":v :'v' :\"v\"":                `a 'b'|'a ''b'''|"a 'b'"`,
		":none a:v : ::":                ":none|aa 'b'|:|::",
		"`a b`c ``":                     "<a b>c|<>",
	} {
		args, err := SplitArguments(text, vars)
		texts := make([]string, len(args))
		for i, arg := range args {
			texts[i] = arg.Text
		}
		if got := strings.Join(texts, "|"); err != nil || got != want {
			t.Errorf("%q: got %q, error %v, want %q", text, got, err, want)
		}
	}
	for _, text := range []string{"'a", `"a`, "a 'b\\'"} {
		if _, err := SplitArguments(text, vars); !errors.Is(err, errUnterminated) {
			t.Errorf("%q: got error %v", text, err)
		}
	}
}
