package repl

import (
	"strings"
	"testing"

	"github.com/pglite-toolbox/pglite/repl/catalog"
	"github.com/pglite-toolbox/pglite/repl/lex"
)

// TestCommandTable checks that all is said of every command, and that what is said fits together.
func TestCommandTable(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, s := range subjects() {
		for _, c := range s.commands {
			first, _, _ := strings.Cut(c.names, " ")
			takesSome := c.args != 0
			usage := strings.TrimPrefix(c.usage, `\`+first)
			switch {
			case usage == c.usage:
				t.Errorf(`\%s: usage %q`, first, c.usage)
			case c.about == "", c.run == nil:
				t.Errorf(`\%s: what it does is missing`, first)
			case takesSome && (c.takes == nil) == (c.bare == ""):
				t.Errorf(`\%s needs either a completion or a reason for none`, first)
			case !takesSome && (strings.Contains(usage, " ") || c.takes != nil || c.bare != ""):
				t.Errorf(`\%s takes no arguments, but usage %q, completion %t`, first, c.usage, c.takes != nil)
			case c.form != lex.Arguments && c.args != many:
				t.Errorf(`\%s takes the line, but %d arguments`, first, c.args)
			case c.noQueue && !c.sends:
				t.Errorf(`\%s is not for pipelines, but sends nothing`, first)
			}
			for name := range strings.FieldsSeq(c.names) {
				if seen[name] {
					t.Errorf(`\%s is there twice`, name)
				}
				seen[name] = true
			}
		}
	}
	if len(seen) < 100 {
		t.Fatalf("only %d commands", len(seen))
	}
}

// TestHelpText checks that \? shows every command, in lines that fit.
func TestHelpText(t *testing.T) {
	t.Parallel()
	text := helpText()
	for _, s := range subjects() {
		for _, c := range s.commands {
			if !strings.Contains(text, "\n  "+c.usage) {
				t.Errorf("%s is missing", c.usage)
			}
		}
	}
	for line := range strings.Lines(text) {
		if line = strings.TrimSuffix(line, "\n"); len(line) > helpWidth || strings.TrimRight(line, " ") != line {
			t.Errorf("%q", line)
		}
	}
}

// TestFind checks which command a name with letters is.
func TestFind(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"a": "a", "sf+": "sf sf+", "exit": "q quit exit", "d+": "d", "dS": "d", "dtv": "d", "dt": "dt", "dtS+": "dt", "dx": "dx", "dx+": "dx",
		"dtx": "dt", "df": "df", "dfanS+": "df", "dF": "dF", "dP": "dP", "dPt+": "dPt", "dPn": "dP", "z": "z", "zS": "z", "list+": "l list",
	} {
		if c, known := find(name); !known || c.names != want {
			t.Errorf(`\%s: %+v`, name, c)
		}
	}
	for _, name := range []string{"", "dq", "q+", "x+", "zz", "lt", "dfq", "Q"} {
		if c, known := find(name); known {
			t.Errorf(`\%s: %+v`, name, c)
		}
	}
}

// TestTableHasCatalogCommands checks that every command that describes objects is in the table.
func TestTableHasCatalogCommands(t *testing.T) {
	t.Parallel()
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ+"
	found := 0
	for i := range len(letters) * len(letters) * len(letters) {
		name := string([]byte{letters[i/len(letters)/len(letters)], letters[i/len(letters)%len(letters)], letters[i%len(letters)]})
		_, described := catalog.Find(name)
		if !described {
			continue
		}
		found++
		if _, known := find(name); !known {
			t.Errorf(`\%s is not in the table`, name)
		}
	}
	if found < 100 {
		t.Errorf("only %d names", found)
	}
}

// TestForm checks how far commands go in a script.
func TestForm(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]lex.Form{
		"copy": lex.WholeLine, "!": lex.WholeLine, "restrict": lex.WholeLine, "sf+": lex.WholeLine, "g": lex.Piped, "gx": lex.Piped,
		"out": lex.Piped, "echo": lex.Arguments, "dt+": lex.Arguments, "unknown": lex.Arguments,
	} {
		if got := formOf(name); got != want {
			t.Errorf(`\%s: %v`, name, got)
		}
	}
}

// TestExtraArguments checks how many arguments commands take.
func TestExtraArguments(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]int{
		"a": 0, "exit": 0, "x": 1, "pset": 2, "crosstabview": 4, "c": 5, "d": 1, "dt+": 1, "dAc": 2, "dA": 1, "dA+": 1, "drds": 2, "dconfig": 1, "unset": 1,
		"echo": 9, "df": 9, "do+": 9, "copy": 9,
	} {
		about, _ := find(name)
		c := &call{command: about, given: make([]lex.Argument, 9)}
		if extra := c.cutExtra(); len(c.given) != want || len(extra) != 9-want {
			t.Errorf(`\%s takes %d arguments, want %d`, name, len(c.given), want)
		}
	}
}
