package repl

import (
	"errors"
	"testing"

	"github.com/pglite-toolbox/pglite/repl/lex"
)

// TestPromptParts checks what each sign of a prompt stands for.
func TestPromptParts(t *testing.T) {
	t.Parallel()
	local := &Session{
		Connection: Connection{Database: "shop", User: "bob", PID: 42, Status: map[string]string{"is_superuser": "on"}},
		Config:     Config{Variables: Variables{"v": "value", "PROMPT1": "one\ntwo> "}, Streams: Streams{Env: []string{"PGDATABASE=other"}}},
	}
	remote := &Session{
		Connection: Connection{
			Database: "bob", User: "bob", Host: "db.example.org", Port: "5433", Status: map[string]string{"session_authorization": "alice"},
		},
		Config: Config{Variables: Variables{}}, tx: 'T',
	}
	lost := &Session{Connection: remote.Connection, Config: Config{Variables: Variables{}}, unusable: errors.New("lost")}
	for _, c := range []struct {
		s            *Session
		prompt, want string
	}{
		{local, "%/%R%x%# ", "shop=# "},
		{local, "%~ %n %m %M %> %p", "shop bob [local] [local] 5432 42"},
		{local, "%:v:%:none: %%", "value %"},
		{local, "%033[1m%[%]x", "\x1b[1mx"},
		{local, "%w|", "     |"},
		{local, "%P %l %s%?", "off 1 "},
		{local, "end%", "end%"},
		{remote, "%~ %n %m %M %> %x%#", "~ alice db db.example.org 5433 *>"},
		{lost, "%/%~%n%m%M%>%p%R%x%#", "!?>"},
	} {
		r := c.s.newRun(nil)
		if got := r.expandPrompt(c.prompt, lex.Ready); got != c.want {
			t.Errorf("%q: got %q, want %q", c.prompt, got, c.want)
		}
	}
	for state, want := range map[lex.State]string{lex.Continue: "-", lex.InComment: "*", lex.InSingleQuote: "'", lex.InParen: "(", lex.InDollarQuote: "$"} {
		if got := local.newRun(nil).expandPrompt("%R", state); got != want {
			t.Errorf("state %q: got %q", want, got)
		}
	}
	r := local.newRun(nil)
	r.ifs = conditions{{}}
	if got := r.expandPrompt("%R", lex.Ready); got != "@" {
		t.Errorf("in a branch that is not taken: %q", got)
	}
	socket := &Session{Connection: Connection{Host: "/run/pg"}}
	if got := socket.newRun(nil).expandPrompt("%m %M", lex.Ready); got != "[local] [local:/run/pg]" {
		t.Errorf("on a socket: %q", got)
	}
	remote.pipe = &pipeline{}
	if got := remote.newRun(nil).expandPrompt("%P", lex.Ready); got != "on" {
		t.Errorf("in a pipeline: %q", got)
	}
	remote.pipe.aborted = true
	if got := remote.newRun(nil).expandPrompt("%P", lex.Ready); got != "abort" {
		t.Errorf("in a pipeline that is aborted: %q", got)
	}
}
