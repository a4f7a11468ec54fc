package repl

import (
	"os"
	"strings"
	"testing"

	"github.com/pglite-toolbox/pglite/repl/lex"
)

// TestCompletesFileNames completes names that would be more than names if they stood as they are, and has them be what
// they were.
func TestCompletesFileNames(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, name := range []string{"z `touch PWNED` .sql", "one two", "it's", `back\nslash`, "x:y", "line\nend", "esc\x1b[2J", "|pipe", "größe", "mark\uFDD0"} {
		if err := os.WriteFile(name, nil, 0o600); err != nil {
			t.Skipf("there is no file of such a name here: %v", err)
		}
	}
	_ = os.WriteFile("bad\xff", nil, 0o600) // which not every system takes
	if err := os.Mkdir("my dir", 0o700); err != nil {
		t.Fatal(err)
	}
	s := &Session{Config: Config{Variables: Variables{"y": "1"}}, unusable: os.ErrClosed}
	for text, want := range map[string]string{
		`\i z`: "' `touch PWNED` .sql' ", "\\i 'z `": "touch PWNED` .sql' ", `\i one`: "' two' ", `\i 'one t`: "wo' ", `\i o'n'e' '`: "two ", `\i o'n'e' `: "two' ",
		`\i it`: "'''s' ", `\i 'it''`: "s' ", `\i back`: `'\\nslash' `, `\i 'back\\`: "nslash' ", `\i 'back\`: "", `\i x`: "':y' ", `\i x:`: "", `\i y :x`: "",
		`\i line`: "", `\i esc`: "", `\i |`: "", `\i gr`: "öße ", `\i bad`: "", `\i mark`: "", `\i my`: "' dir/", "\\i `echo o": "", "\\i `echo 'o`": "",
		`\copy t from on`: "", `\copy t from 'one `: "two' ", `\copy t from 'it''`: "s' ", `\copy t from 'back\`: "nslash' ", `\copy t from x`: "", `\copy t from x:`: "y ",
	} {
		endings, _ := s.Complete(text)
		if strings.Join(endings, "|") != want {
			t.Errorf("%s: got %q, want %q", text, endings, want)
		}
		for _, ending := range endings {
			if line, ok := strings.CutPrefix(text+ending, `\i `); ok && !strings.HasSuffix(ending, "/") {
				args, err := lex.SplitArguments(line, lex.Expansion{Variable: s.Variables.Lookup})
				if err != nil || len(args) != 1 {
					t.Errorf("%s%s: got %v, %v", text, ending, args, err)
				} else if _, err := os.Stat(args[0].Text); err != nil {
					t.Error(err)
				}
			}
		}
	}
	if _, err := os.Stat("PWNED"); err == nil {
		t.Error("a name was run")
	}
	if endings, _ := endingsOf([]string{"\"a\n\\! touch PWNED\"", "\"a b\""}, `"a`); len(endings) != 1 || endings[0] != ` b" ` {
		t.Errorf("of the catalog's names come %q", endings)
	}
}
