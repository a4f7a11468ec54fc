package repl

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/pglite-toolbox/pglite/repl/lex"
)

// TestHexReadAhead: what the server sent behind a ReadyForQuery is not lost when \hex is used for the first time, nor
// what a pipeline has not sent yet.
func TestHexReadAhead(t *testing.T) {
	t.Parallel()
	serve := func(f *fakeServer) error {
		if _, err := expect[*pgproto3.Query](f); err != nil {
			return err
		}
		late := &pgproto3.NotificationResponse{PID: 7, Channel: "c", Payload: strings.Repeat("late", 10_000)}
		if err := f.say(tag("LISTEN"), ready, late); err != nil {
			return err
		}
		if _, err := expect[*pgproto3.Query](f); err != nil {
			return err
		}
		return f.say(tag("SELECT 0"), ready)
	}
	stdout, _, err := played(t, serve, func(s *Session) error {
		s.setDefaults()
		return s.Script(t.Context(), lex.NewInput(strings.NewReader("LISTEN c;\n\\hex on\nSELECT;\n")), "")
	})
	if err != nil || !strings.Contains(stdout, "latelate") || !strings.Contains(stdout, "SELECT 0") {
		t.Errorf("got %.200q, error %v", stdout, err)
	}
}
