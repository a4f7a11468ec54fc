package repl

import (
	"strings"
	"testing"

	"github.com/pglite-toolbox/pglite/repl/lex"
)

// TestPrompted asks for the values of variables: on the terminal, or else in the input.
func TestPrompted(t *testing.T) {
	t.Parallel()
	var asked []string
	dialogue{script: "\\prompt 'name? ' a\n\\prompt b\n\\echo :a :b\n", stdout: "typed typed\n"}.run(t, func(s *Session) {
		s.Terminal = &Terminal{ReadLine: func(prompt string, _ bool) (string, error) {
			asked = append(asked, prompt)
			return "typed", nil
		}}
	})
	if strings.Join(asked, "|") != "name? |" {
		t.Errorf("asked %q", asked)
	}
	dialogue{script: "\\prompt 'name? ' a\n\\echo :a\n", stdout: "line\n", stderr: "name? "}.run(t, func(s *Session) {
		s.Input = lex.NewInput(strings.NewReader("line\n"))
	})
}
