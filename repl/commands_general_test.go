package repl

import (
	"errors"
	"strings"
	"testing"

	"github.com/pglite-toolbox/pglite/repl/lex"
)

// TestPassword changes a password of which the server is sent a verifier only, and nothing when it was typed wrong.
func TestPassword(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		command string
		typed   []string
		user    string // "" when nothing is to be changed
		stderr  string
	}{
		"own":      {`\password`, []string{"s3cret", "s3cret"}, `"bob"`, ""},
		"of other": {`\password "A b"`, []string{"s3cret", "s3cret"}, `"A b"`, ""},
		"differ":   {`\password`, []string{"s3cret", "other"}, "", "Passwords didn't match.\n"},
		"left":     {`\password`, nil, "", "\\password: nothing was changed\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var sent []string
			replies := map[string]reply{"SELECT CURRENT_USER": {columns: []string{"current_user"}, rows: [][]string{{"bob"}}}}
			_, stderr, _ := played(t, answering(replies, &sent), func(s *Session) error {
				s.setDefaults()
				s.Terminal = &Terminal{ReadLine: func(_ string, secret bool) (string, error) {
					if !secret || len(c.typed) == 0 {
						return "", errors.New("left")
					}
					line := c.typed[0]
					c.typed = c.typed[1:]
					return line, nil
				}}
				return s.Script(t.Context(), lex.NewInput(strings.NewReader(c.command+"\n")), "")
			})
			last := sent[max(0, len(sent)-1):]
			changed := len(last) == 1 && strings.HasPrefix(last[0], "ALTER USER "+c.user+" PASSWORD 'SCRAM-SHA-256$")
			if strings.Contains(strings.Join(sent, ""), "s3cret") {
				t.Errorf("the server was sent the password: %q", sent)
			}
			if changed != (c.user != "") {
				t.Errorf("the server was sent %q", sent)
			}
			if c.user == "" && stderr != c.stderr {
				t.Errorf("stderr %q", stderr)
			}
		})
	}
}

// TestHistoryCommand shows and writes the statements that were typed.
func TestHistoryCommand(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	typed := func(s *Session) {
		s.Streams.Dir = dir
		s.Terminal = &Terminal{History: func() []string { return []string{"SELECT 1;", "\\d"} }}
	}
	dialogue{script: "\\s\n\\s out\n", stdout: "SELECT 1;\n\\d\nWrote history to file \"out\".\n"}.run(t, typed)
	dialogue{script: "\\s nowhere/x\n", stderr: "nowhere/x: No such file or directory\n"}.run(t, typed)
	dialogue{script: "\\s\n", stderr: "\\s: no history is kept here\n"}.run(t, nil)
}
