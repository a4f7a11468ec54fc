package lex

import (
	"slices"
	"strings"
	"testing"
)

func TestFirstWords(t *testing.T) {
	t.Parallel()
	for sql, want := range map[string]string{
		"SELECT a FROM b": "select a from", " -- c\n/* d */ Begin ;": "begin", "": "", "(select 1)": "", "a-b": "a", "create UNIQUE index i": "create unique index",
		"/* open": "", "é É": "é É",
	} {
		got := strings.Join(FirstWords(sql, 3), " ")
		if !strings.EqualFold(got, want) {
			t.Errorf("%q: got %q, want %q", sql, got, want)
		}
	}
}

func TestSkipBlank(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"": "", " \t\r\n\f\v": "", "-- only a comment": "", "-- one\n--two\n x": "x", "/* a */ /* b */y": "y", "/* open": "", "x -- y": "x -- y",
	} {
		if got := SkipBlank(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestQuoting(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{"": "''", "a": "'a'", "it's": "'it''s'", `a\b`: ` E'a\\b'`, `'\'`: ` E'''\\'''`} {
		if got := QuoteLiteral(value); got != want {
			t.Errorf("literal %q: got %s, want %s", value, got, want)
		}
	}
	for name, want := range map[string]string{"": `""`, "a": `"a"`, `a"b`: `"a""b"`} {
		quoted := QuoteIdentifier(name)
		if quoted != want || Unquote(quoted) != name {
			t.Errorf("identifier %q: got %s, and back %q", name, quoted, Unquote(quoted))
		}
	}
	for text, want := range map[string]string{"Abc": "abc", `"Abc"`: "Abc", `"a""B"`: `a"B`, "": ""} {
		if got := FoldIdentifier(text); got != want {
			t.Errorf("%s folds to %q, want %q", text, got, want)
		}
	}
	for text, want := range map[string]string{`a"B"c`: "aBc", `"a`: "a", `""`: ""} {
		if got := Unquote(text); got != want {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
}

// TestKeywordsAreSorted, as those who look for a keyword take them to be.
func TestKeywordsAreSorted(t *testing.T) {
	t.Parallel()
	if len(Keywords) < 100 || !slices.IsSorted(Keywords) || len(slices.Compact(slices.Clone(Keywords))) != len(Keywords) {
		t.Errorf("%d keywords", len(Keywords))
	}
}

// TestMark goes back to a place in a statement.
func TestMark(t *testing.T) {
	t.Parallel()
	s := &Splitter{}
	s.Feed("SELECT (1,\n")
	s.Next()
	here := s.Here()
	s.Feed("'open\n")
	s.Next()
	if !s.Quoting() || s.State() != InSingleQuote {
		t.Errorf("state %c", s.State().Prompt())
	}
	s.Rewind(here)
	if s.Quoting() || s.State() != InParen || s.Pending() != "SELECT (1," {
		t.Errorf("state %c, pending %q", s.State().Prompt(), s.Pending())
	}
	s.Feed("2);\n")
	if seg, ok := s.Next(); !ok || !strings.HasSuffix(seg.Text, "2);") || strings.Contains(seg.Text, "open") {
		t.Errorf("got %q, %t", seg.Text, ok)
	}
}
