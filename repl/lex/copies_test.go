package lex

import (
	"strings"
	"testing"
)

func TestCopiesIn(t *testing.T) {
	t.Parallel()
	for sql, want := range map[string]int{
		"COPY t FROM STDIN":                                                   1,
		"copy t from stdout;":                                                 1,
		"COPY BINARY a.b.c FROM stdin;":                                       1,
		"/* x */ COPY t -- y\nFROM\nstdin":                                    1,
		`COPY "from"."stdin" FROM stdin (DELIMITER ',')`:                      1,
		"COPY t (a, b) FROM stdin; SELECT 1; COPY u FROM stdin":               2,
		"SELECT 1; COPY t FROM stdin; COPY u TO stdout":                       1,
		"COPY (SELECT a FROM stdin) TO stdout":                                0,
		"COPY t FROM 'stdin'":                                                 0,
		"COPY t TO stdin":                                                     0,
		"COPY t FROM PROGRAM 'stdin'":                                         0,
		"SELECT 'COPY t FROM stdin'":                                          0,
		"SELECT $$;COPY t FROM stdin$$":                                       0,
		"EXPLAIN COPY t FROM stdin":                                           0,
		"INSERT INTO copy SELECT * FROM stdin":                                0,
		"CREATE FUNCTION f() RETURNS int BEGIN ATOMIC COPY t FROM stdin; END": 0,
		"COPY a b c d e f g FROM stdin":                                       0,
		"COPY t FROM from stdin":                                              0,
	} {
		if got := CopiesIn(sql, false); got != want {
			t.Errorf("%s: got %d, want %d", sql, got, want)
		}
	}
	const escaped = `SELECT '\'; COPY t FROM stdin; --'`
	if without, with := CopiesIn(escaped, false), CopiesIn(escaped, true); without != 1 || with != 0 {
		t.Errorf("%s: %d, with backslashes that escape %d", escaped, without, with)
	}
}

func TestTakeLine(t *testing.T) {
	t.Parallel()
	s := Splitter{Variable: func(string, byte) (string, bool) { return "COPY t FROM stdin;\n", true }}
	s.Feed(":v SELECT 1;\nfirst\n\\.\nSELECT 2;\n")
	if seg, _ := s.Next(); seg.Text != "COPY t FROM stdin;" {
		t.Fatalf("got %+v", seg)
	}
	if line, found := s.TakeLine(); line != "first\n" || !found {
		t.Errorf("got %q", line)
	}
	if !s.PassOver() {
		t.Error("nothing was passed over")
	}
	for _, want := range []string{"SELECT 1;", "SELECT 2;"} {
		if seg, _ := s.Next(); strings.TrimSpace(seg.Text) != want {
			t.Errorf("got %+v, want %q", seg, want)
		}
	}
	if line, found := s.TakeLine(); found || s.PassOver() {
		t.Errorf("got %q from nothing", line)
	}
}
