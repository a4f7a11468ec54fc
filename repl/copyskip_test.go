package repl

import (
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/pglite-toolbox/pglite/repl/lex"
)

// TestUnexpectedCopy: a server that asks for data that no statement is to send gets none, and no other statement either.
func TestUnexpectedCopy(t *testing.T) {
	t.Parallel()
	stdout, stderr, err := played(t, func(f *fakeServer) error {
		if _, err := expect[*pgproto3.Query](f); err != nil {
			return err
		}
		if err := f.say(&pgproto3.CopyInResponse{}); err != nil {
			return err
		}
		if m, err := f.Receive(); err == nil {
			return fmt.Errorf("got a %T", m)
		}
		return nil
	}, func(s *Session) error {
		return s.Script(t.Context(), lex.NewInput(strings.NewReader("SELECT 1;\nSELECT 2;\n")), "f")
	})
	if !isLost(err) || stdout != "" || stderr != "test:f:1: unexpected COPY_IN result, aborting connection\n" {
		t.Errorf("got %q, %q, %v", stdout, stderr, err)
	}
}
