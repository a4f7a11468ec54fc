package lex

import (
	"strings"
	"testing"
)

// split cuts a whole script, fed line by line as the readers do.
// testForms knows a command of each form.
func testForms(name string) Form {
	return map[string]Form{"copy": WholeLine, "g": Piped}[name]
}

func split(s *Splitter, script string) (segments []Segment) {
	for _, line := range strings.SplitAfter(script, "\n") {
		s.Feed(line)
		for seg, ok := s.Next(); ok; seg, ok = s.Next() {
			segments = append(segments, seg)
		}
	}
	if seg, ok := s.Flush(); ok {
		segments = append(segments, seg)
	}
	return segments
}

func texts(segments []Segment) (texts []string) {
	for _, seg := range segments {
		if seg.Text != "" {
			texts = append(texts, seg.Text)
		}
	}
	return texts
}

func TestSplit(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		script string
		want   []string
	}{
		"two":                   {"SELECT 1; SELECT 2;", []string{"SELECT 1;", "SELECT 2;"}},
		"unterminated":          {"SELECT 1;\n SELECT 2 \n\n", []string{"SELECT 1;", "SELECT 2 "}},
		"lines":                 {"SELECT\n  1\n;\n", []string{"SELECT\n  1\n;"}},
		"empty lines":           {"SELECT\n\n\n1;\n\n;", []string{"SELECT\n1;", ";"}},
		"empty lines in quotes": {"SELECT '\n\n1';", []string{"SELECT '\n\n1';"}},
		"leading comment":       {"-- one\n  -- two\nSELECT 1 -- three;\n;", []string{"SELECT 1 -- three;\n;"}},
		"comment only":          {"-- one\n", nil},
		"block comment":         {"/* a; /* b; */ c; */ SELECT 1;", []string{"/* a; /* b; */ c; */ SELECT 1;"}},
		"quote":                 {`SELECT 'a;''b\'; SELECT "c;""d";`, []string{`SELECT 'a;''b\';`, `SELECT "c;""d";`}},
		"escape quote":          {`SELECT E'a\';''b\\'; SELECT 2;`, []string{`SELECT E'a\';''b\\';`, "SELECT 2;"}},
		"not an escape quote":   {`SELECT fe'\'; SELECT 2;`, []string{`SELECT fe'\';`, "SELECT 2;"}},
		"continued escape":      {"SELECT E'a'\n  '\\';';", []string{"SELECT E'a'\n  '\\';';"}},
		"unicode":               {`SELECT U&'\'; SELECT U&"\;";`, []string{`SELECT U&'\';`, `SELECT U&"\;";`}},
		"bits":                  {`SELECT B'1', X'\';`, []string{`SELECT B'1', X'\';`}},
		"dollar":                {"SELECT $$a;$b$;$$; SELECT $b$ $$; $b$;", []string{"SELECT $$a;$b$;$$;", "SELECT $b$ $$; $b$;"}},
		"dollar after word":     {"SELECT a$b$; SELECT 2$b$;$b$;", []string{"SELECT a$b$;", "SELECT 2$b$;$b$;"}},
		"parameter":             {"SELECT $1; SELECT $1$a$;$a$;", []string{"SELECT $1;", "SELECT $1$a$;$a$;"}},
		"parentheses":           {"CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2); SELECT 3;", []string{"CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2);", "SELECT 3;"}},
		"stray parenthesis":     {"SELECT 1); SELECT 2;", []string{"SELECT 1);", "SELECT 2;"}},
		"atomic": {
			"CREATE OR REPLACE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END; SELECT 3;",
			[]string{"CREATE OR REPLACE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END;", "SELECT 3;"},
		},
		"atomic names": {
			"CREATE FUNCTION begin(a int) RETURNS int LANGUAGE sql AS 'x'; CREATE FUNCTION f() RETURNS begin BEGIN /* ; */ ATOMIC SELECT 1 case; SELECT a.end, 2 AS end, 3 end; END; SELECT 3;",
			[]string{
				"CREATE FUNCTION begin(a int) RETURNS int LANGUAGE sql AS 'x';",
				"CREATE FUNCTION f() RETURNS begin BEGIN /* ; */ ATOMIC SELECT 1 case; SELECT a.end, 2 AS end, 3 end; END;", "SELECT 3;",
			},
		},
		"atomic empty": {"CREATE PROCEDURE p() BEGIN ATOMIC END; SELECT 1;", []string{"CREATE PROCEDURE p() BEGIN ATOMIC END;", "SELECT 1;"}},
		"atomic in atomic": {
			"CREATE FUNCTION f() BEGIN ATOMIC CREATE FUNCTION g() BEGIN ATOMIC SELECT 1; END; SELECT begin atomic; END; SELECT 3;",
			[]string{"CREATE FUNCTION f() BEGIN ATOMIC CREATE FUNCTION g() BEGIN ATOMIC SELECT 1; END; SELECT begin atomic; END;", "SELECT 3;"},
		},
		"lone return":         {"SELECT 1 -- c\r, 2; SELECT 3;", []string{"SELECT 1 -- c\r, 2;", "SELECT 3;"}},
		"continued by return": {`SELECT E'a' -- c ;` + "\r" + `'\';'; SELECT 2;`, []string{`SELECT E'a' -- c ;` + "\r" + `'\';';`, "SELECT 2;"}},
		"continued comments":  {"SELECT E'a' -- ';\n -- b\n\n '\\';'; SELECT 2;", []string{"SELECT E'a' -- ';\n -- b\n '\\';';", "SELECT 2;"}},
		"not continued":       {"SELECT E'a' /* \n */ '\\'; SELECT 2;", []string{"SELECT E'a' /* \n */ '\\';", "SELECT 2;"}},
		"transaction":         {"BEGIN; SELECT 1; END;", []string{"BEGIN;", "SELECT 1;", "END;"}},
		"not atomic":          {"CREATE TABLE begin(a int); SELECT 1;", []string{"CREATE TABLE begin(a int);", "SELECT 1;"}},
		"joined":              {`SELECT 1\; SELECT 2; SELECT 3;`, []string{"SELECT 1; SELECT 2;", "SELECT 3;"}},
		"colon":               {`SELECT a[1\:2], '1'::int, f(x := 2), :none;`, []string{`SELECT a[1:2], '1'::int, f(x := 2), :none;`}},
		"command":             {"\\set a 1\nSELECT 1;\\echo 'a\\\\b' \\\\ SELECT 2;", []string{`\set a 1`, "SELECT 1;", `\echo 'a\\b'`, "SELECT 2;"}},
		"command in a query":  {"SELECT 1\n\\r\n+ 2;", []string{`\r`, "SELECT 1\n+ 2;"}},
		"two commands":        {`\a\t`, []string{`\a`, `\t`}},
		"copy":                {`\copy t from 'a\\b' \x` + "\nSELECT 1;", []string{`\copy t from 'a\\b' \x`, "SELECT 1;"}},
		"pipe":                {`SELECT 1 \g | tr \\ x`, []string{`\g | tr \\ x`, "SELECT 1 "}},
		"operators":           {"SELECT 1 +-- one;\n 2 */* two; */ 3;", []string{"SELECT 1 +-- one;\n 2 */* two; */ 3;"}},
		"carriage returns":    {"SELECT 1;\r\nSELECT\r\n2;\r\n", []string{"SELECT 1;", "SELECT\r\n2;"}},
		"unclosed quote":      {"SELECT 'a;\n", []string{"SELECT 'a;"}},
		"letters beyond 7bit": {"SELECT é$a$;", []string{"SELECT é$a$;"}},
	} {
		t.Run(name, func(t *testing.T) {
			segments := split(&Splitter{Form: testForms}, c.script)
			if got := texts(segments); strings.Join(got, "|") != strings.Join(c.want, "|") {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
			var raw strings.Builder
			for _, seg := range segments {
				raw.WriteString(seg.Raw)
			}
			if raw.String() != c.script {
				t.Errorf("joined to %q, want %q", raw.String(), c.script)
			}
		})
	}
}

func TestSplitLines(t *testing.T) {
	t.Parallel()
	segments := split(&Splitter{}, "SELECT\n1;\n\n-- c\nSELECT 2; SELECT\n3;\n\\q\n")
	var lines []int
	for _, seg := range segments {
		if seg.Text != "" {
			lines = append(lines, seg.Line)
		}
	}
	want := []int{2, 5, 6, 7}
	for i := range want {
		if len(lines) != len(want) || lines[i] != want[i] {
			t.Fatalf("got lines %v, want %v", lines, want)
		}
	}
}

func TestSplitState(t *testing.T) {
	t.Parallel()
	for input, want := range map[string]byte{
		"":                  '=',
		"SELECT 1;\n":       '=',
		"-- c\n":            '=',
		"SELECT 1\n":        '-',
		"SELECT 1; SELECT ": '-',
		"SELECT (1\n":       '(',
		"SELECT '1\n":       '\'',
		"SELECT E'1\\'\n":   '\'',
		"SELECT \"a\n":      '"',
		"SELECT $a$ b\n":    '$',
		"SELECT /* /* */\n": '*',
		"CREATE FUNCTION f() BEGIN ATOMIC SELECT 1;\n": '-',
	} {
		var s Splitter
		s.Feed(input)
		for _, ok := s.Next(); ok; _, ok = s.Next() {
		}
		if got := s.State().Prompt(); got != want {
			t.Errorf("%q: got %c, want %c", input, got, want)
		}
	}
}

func TestSplitVariables(t *testing.T) {
	t.Parallel()
	vars := map[string]string{"a": "1", "two": "2; SELECT 3", "me": ":me + :a"}
	s := &Splitter{Variable: func(name string, quote byte) (string, bool) {
		value, ok := vars[name]
		switch quote {
		case '?':
			return map[bool]string{true: "TRUE", false: "FALSE"}[ok], true
		case 0:
			return value, ok
		}
		return string(quote) + value + string(quote), ok
	}}
	const script = "SELECT :a, ':a', x::a, :'a', :\"a\", :{?a}, :{?b}, :b, arr[1::a];\nSELECT :two;\nSELECT :me;"
	want := []string{"SELECT 1, ':a', x::a, '1', \"1\", TRUE, FALSE, :b, arr[1::a];", "SELECT 2;", "SELECT 3;", "SELECT :me + 1;"}
	segments := split(s, script)
	if got := texts(segments); strings.Join(got, "|") != strings.Join(want, "|") {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	var raw strings.Builder
	for _, seg := range segments {
		raw.WriteString(seg.Raw)
	}
	if raw.String() != script {
		t.Errorf("joined to %q, want %q", raw.String(), script)
	}
}

func TestSplitLinesEndStatements(t *testing.T) {
	t.Parallel()
	const script = "SELECT 1\n\n-- c\nSELECT (2\n)\nSELECT 3; SELECT 4\nSELECT 'a\nb' /* c\n*/\nCREATE FUNCTION f() BEGIN ATOMIC\nSELECT 1;\nEND"
	want := []string{"SELECT 1", "SELECT (2\n)", "SELECT 3;", "SELECT 4", "SELECT 'a\nb' /* c\n*/", "CREATE FUNCTION f() BEGIN ATOMIC\nSELECT 1;\nEND"}
	if got := texts(split(&Splitter{Lines: true}, script)); strings.Join(got, "|") != strings.Join(want, "|") {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestSplitBackslashQuotes(t *testing.T) {
	t.Parallel()
	got := texts(split(&Splitter{BackslashQuotes: true}, `SELECT '\';'; SELECT 2;`))
	if len(got) != 2 || got[1] != "SELECT 2;" {
		t.Errorf("got %q", got)
	}
}

func FuzzSplit(f *testing.F) {
	for _, seed := range []string{
		"SELECT 1; SELECT 'a;' \\; SELECT 2;", "E'\\'';\n$a$;$a$", "/* /* */ ; */", "\\set a 'b\\'c' \\\\ :a;\n\n\n;", "create function f() begin atomic case; end; end;",
		"E'a'\n'b\\';", "SELECT (;);\r\n", ":'a' :\"b\" :{?c} ::d", "U&'x' U&\"y\" b'0' $1$a$",
	} {
		f.Add(seed, true)
	}
	f.Fuzz(func(t *testing.T, script string, defined bool) {
		s := &Splitter{Lines: !defined, Variable: func(name string, _ byte) (string, bool) { return "v;\n:" + name + name, defined && len(name) < 8 }}
		var raw strings.Builder
		for _, seg := range split(s, script) {
			raw.WriteString(seg.Raw)
		}
		if raw.String() != script {
			t.Fatalf("joined to %q, want %q", raw.String(), script)
		}
		if s.State() != Ready {
			t.Fatalf("%q: state %c after Flush", script, s.State().Prompt())
		}
	})
}
