package repl

import (
	"errors"
	"strings"
	"testing"

	"github.com/pglite-toolbox/pglite/repl/format"
	"github.com/pglite-toolbox/pglite/repl/lex"
)

func TestParseCopy(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]struct{ sql, place string }{
		`t from 'a b.csv' with (format csv)`:        {"COPY t FROM STDIN with (format csv)", "a b.csv"},
		`t(a, "from") to out.txt`:                   {`COPY t (a, "from") TO STDOUT`, "out.txt"},
		`(select 'to' from t) to stdout csv header`: {`COPY (select 'to' from t) TO STDOUT csv header`, "stdout"},
		`"from" from program 'cat ''x'''`:           {`COPY "from" FROM STDIN`, "cat 'x'"},
		`binary t to pstdout`:                       {"COPY t TO STDOUT (FORMAT binary)", "pstdout"},
		`s.t from 'it''s';`:                         {"COPY s.t FROM STDIN", "it's"},
	} {
		c, err := parseCopy(text)
		if err != nil || strings.ReplaceAll(c.sql(), "  ", " ") != want.sql || c.place != want.place {
			t.Errorf("%s: got %q %q, error %v", text, c.sql(), c.place, err)
		}
	}
	for _, text := range []string{"", "t", "t from", "from", "t from program cat"} {
		if c, err := parseCopy(text); err == nil {
			t.Errorf("%q: got %+v, want an error", text, c)
		}
	}
}

func TestParseWatch(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"": "2s 0 0", "0.5": "500ms 0 0", "i=1 c=3 m=2": "1s 3 2", "interval=0 count=1": "0s 1 0",
	} {
		args, _ := lex.SplitArguments(text, lex.Expansion{})
		w, err := parseWatch(args, "2")
		if got := strings.Join([]string{w.interval.String(), string(rune('0' + w.count)), string(rune('0' + w.least))}, " "); got != want || err != nil {
			t.Errorf("%q: got %s, error %v", text, got, err)
		}
	}
	for _, text := range []string{"x", "-1", "c=0", "m=x", "y=1", "1 2", "1 i=2", "c=1 count=2", "m=1 m=1"} {
		args, _ := lex.SplitArguments(text, lex.Expansion{})
		if w, err := parseWatch(args, "2"); err == nil {
			t.Errorf("%q: got %+v, want an error", text, w)
		}
	}
}

func TestCrosstabErrors(t *testing.T) {
	t.Parallel()
	cell := func(text string) *string { return &text }
	three := &format.Grid{Columns: []format.Column{{Name: "v"}, {Name: "h"}, {Name: "d"}}, Rows: [][]*string{{cell("a"), cell("x"), cell("1")}, {cell("a"), cell("x"), cell("2")}}}
	for name, c := range map[string]struct {
		grid *format.Grid
		args string
		want string
	}{
		"two columns": {&format.Grid{Columns: three.Columns[:2]}, "", "at least three columns"},
		"twice":       {three, "", "multiple data values"},
		"same":        {three, "v v", "must be different"},
		"range":       {three, "4", "out of range"},
		"unknown":     {three, "q", "not found"},
		"sort":        {three, "v h d h", "not a number"},
	} {
		_, err := crosstab(c.grid, strings.Fields(c.args), "")
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", name, err, c.want)
		}
	}
}

func TestControlsTransaction(t *testing.T) {
	t.Parallel()
	for sql, want := range map[string]bool{
		"BEGIN": true, "/* x */ -- y\n commit;": true, "SELECT 1": false, "VACUUM t": true, "create index concurrently i on t(a)": true,
		"CREATE INDEX i ON t(a)": false, "PREPARE TRANSACTION 'x'": true, "PREPARE p AS SELECT 1": false, "DROP DATABASE d": true, "ALTER SYSTEM SET a = 1": true,
		"CLUSTER": true, "CLUSTER t": false, "": false, "(SELECT 1)": false,
	} {
		if got := controlsTransaction(sql); got != want {
			t.Errorf("%q: got %v", sql, got)
		}
	}
}

func TestScramSecret(t *testing.T) {
	t.Parallel()
	a, err := scramSecret("secret")
	if err != nil || !strings.HasPrefix(a, "SCRAM-SHA-256$4096:") || strings.Contains(a, "secret") {
		t.Errorf("got %q, error %v", a, err)
	}
	if b, _ := scramSecret("secret"); a == b {
		t.Error("the salt is always the same")
	}
}

func TestParseTarget(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Target{
		"":                                   {Reuse: true},
		"db":                                 {Database: "db", Reuse: true},
		`- "a b" h 1`:                        {User: "a b", Host: "h", Port: "1", Reuse: true},
		"dbname=x":                           {String: "dbname=x"},
		"postgres:///x":                      {String: "postgres:///x"},
		"-reuse-previous=on dbname=x":        {String: "dbname=x", Reuse: true},
		"-reuse-previous=off db - h":         {Database: "db", Host: "h"},
		"-reuse-previous=1 postgresql://u@h": {String: "postgresql://u@h", Reuse: true},
	} {
		args, _ := lex.SplitArguments(text, lex.Expansion{})
		if got, err := parseTarget(args); err != nil || got != want {
			t.Errorf("%s: got %+v, error %v", text, got, err)
		}
	}
	for _, text := range []string{"dbname=x someone", "-reuse-previous=maybe x", "-reuse-previous= x"} {
		args, _ := lex.SplitArguments(text, lex.Expansion{})
		if got, err := parseTarget(args); err == nil {
			t.Errorf("%s: got %+v", text, got)
		}
	}
}

func TestPlainWord(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		line            string
		state           lex.State
		command, advice string
	}{
		{"quit\n", lex.Ready, "\\q\n", ""},
		{"EXIT ; \n", lex.Ready, "\\q\n", ""},
		{"help\n", lex.Ready, "\\?\n", ""},
		{" quit\n", lex.Ready, " quit\n", ""},
		{"quitter\n", lex.Ready, "quitter\n", ""},
		{";\n", lex.Ready, ";\n", ""},
		{"quit\n", lex.Continue, "quit\n", `Use \q to quit.`},
		{"exit;\n", lex.InParen, "exit;\n", `Use \q to quit.`},
		{"quit\n", lex.InSingleQuote, "quit\n", "Use control-D to quit."},
		{"\\q\n", lex.InDollarQuote, "\\q\n", "Use control-D to quit."},
		{"\\q\n", lex.Continue, "\\q\n", ""},
		{"help\n", lex.Continue, "help\n", `Use \? for help or press control-C to clear the input buffer.`},
	} {
		if command, advice := plainWord(c.line, c.state); command != c.command || advice != c.advice {
			t.Errorf("%q in state %c: got %q, %q", c.line, c.state.Prompt(), command, advice)
		}
	}
}

func TestCutLineNumber(t *testing.T) {
	t.Parallel()
	for object, want := range map[string]struct {
		name string
		line int
	}{"f 3": {"f", 3}, "f(int) 12": {"f(int)", 12}, "f(int)4": {"f(int)", 4}, "f2": {"f2", 0}, "f": {"f", 0}, "7": {"7", 0}, "": {"", 0}} {
		if name, line, err := cutLineNumber(object); err != nil || name != want.name || line != want.line {
			t.Errorf("%q: got %q, %d, error %v", object, name, line, err)
		}
	}
	if _, _, err := cutLineNumber("f 0"); err == nil {
		t.Error("line 0 is taken")
	}
}

// TestLineAfterBadOptions leaves the rest of a line out whose \g has not sent the statement.
func TestLineAfterBadOptions(t *testing.T) {
	t.Parallel()
	stdout, stderr, err := played(t, func(*fakeServer) error { return nil }, func(s *Session) error {
		s.Continue = true
		return s.Script(t.Context(), lex.NewInput(strings.NewReader("SELECT 1 \\g (format=bad) \\echo after\n\\r\n\\echo next\n")), "")
	})
	if wrong := (*CommandError)(nil); !errors.As(err, &wrong) || !strings.Contains(stdout, "next\n") || strings.Contains(stdout, "after") || strings.Count(stderr, "\n") != 1 {
		t.Errorf("got %q, %q, %v", stdout, stderr, err)
	}
}

func TestPromptKeepsCharacters(t *testing.T) {
	t.Parallel()
	s := &Session{Config: Config{Variables: Variables{}}}
	if got := s.newRun(nil).expandPrompt("%é日%%x", lex.Ready); got != "é日%x" {
		t.Errorf("got %q", got)
	}
}
