package repl

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/pglite-toolbox/pglite/repl/lex"
)

// TestConnect checks what \c says, and that a script whose \c fails has no connection any more.
func TestConnect(t *testing.T) {
	t.Parallel()
	connect := func(_ context.Context, s *Session, target Target) error {
		if target.Database == "none" {
			return errors.New(`database "none" does not exist` + "\n")
		}
		s.Database, s.User = target.Database, "bob"
		if target.Host != "" {
			s.Host, s.Port = target.Host, "5433"
		}
		return nil
	}
	dialogue{
		script: "\\c shop\n\\c shop - db\n\\c shop - /run/pg\n\\set QUIET on\n\\c other\n\\echo :DBNAME :USER :HOST :PORT\n",
		stdout: "You are now connected to database \"shop\" as user \"bob\".\n" +
			"You are now connected to database \"shop\" as user \"bob\" on host \"db\" at port \"5433\".\n" +
			"You are now connected to database \"shop\" as user \"bob\" via socket in \"/run/pg\" at port \"5433\".\n" +
			"other bob /run/pg 5433\n",
	}.run(t, func(s *Session) { s.Connect = connect })
	var sent []string
	stdout, stderr, err := played(t, answering(nil, &sent), func(s *Session) error {
		s.Continue, s.Connect = true, connect
		return s.Script(t.Context(), lex.NewInput(strings.NewReader("\\c none\nDROP TABLE t;\n\\echo after\n")), "")
	})
	if lost := (*ConnectionError)(nil); !errors.As(err, &lost) || len(sent) > 0 || stderr != "\\connect: database \"none\" does not exist\n" {
		t.Errorf("sent %q, stdout %q, stderr %q, error %v", sent, stdout, stderr, err)
	}
	dialogue{script: "\\c x\n\\echo after\n", stdout: "after\n", stderr: "\\connect: not supported here\n"}.run(t, nil)
}
