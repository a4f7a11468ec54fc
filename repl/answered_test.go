package repl

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/pglite-toolbox/pglite/repl/lex"
)

// reply is what a server says to a query: rows under columns when there are columns, and then a tag or an error.
type reply struct {
	columns []string
	rows    [][]string // null is NULL
	tag     string
	err     string
}

const null = "\x00"

// messages returns the reply as a server sends it.
func (r reply) messages() (all []pgproto3.BackendMessage) {
	if r.err != "" {
		return append(all, &pgproto3.ErrorResponse{Severity: "ERROR", SeverityUnlocalized: "ERROR", Code: "42601", Message: r.err})
	}
	if r.columns != nil {
		m := &pgproto3.RowDescription{}
		for _, name := range r.columns {
			m.Fields = append(m.Fields, pgproto3.FieldDescription{Name: []byte(name), DataTypeOID: 25})
		}
		all = append(all, m)
	}
	for _, cells := range r.rows {
		m := &pgproto3.DataRow{}
		for _, cell := range cells {
			if cell == null {
				m.Values = append(m.Values, nil)
			} else {
				m.Values = append(m.Values, []byte(cell))
			}
		}
		all = append(all, m)
	}
	if r.tag == "" {
		r.tag = fmt.Sprintf("SELECT %d", len(r.rows))
	}
	return append(all, tag(r.tag))
}

// answering returns a server that knows replies to queries, and keeps what it is sent: queries as they are, other messages by
// their types.
func answering(replies map[string]reply, sent *[]string) func(*fakeServer) error {
	tx := byte('I')
	return func(f *fakeServer) error {
		for {
			m, err := f.Receive()
			if err != nil {
				return nil // the session has ended
			}
			q, ok := m.(*pgproto3.Query)
			if !ok {
				*sent = append(*sent, strings.TrimPrefix(fmt.Sprintf("%T", m), "*pgproto3."))
				continue
			}
			*sent = append(*sent, q.String)
			sql := strings.TrimRight(q.String, "; \n")
			r, known := replies[sql]
			switch {
			case sql == "BEGIN":
				tx, r.tag = 'T', sql
			case sql == "COMMIT" || sql == "ROLLBACK":
				tx, r.tag = 'I', sql
			case !known:
				r.err = fmt.Sprintf("no reply to %q", sql)
			}
			if r.err != "" && tx == 'T' {
				tx = 'E'
			}
			if err := f.say(append(r.messages(), &pgproto3.ReadyForQuery{TxStatus: tx})...); err != nil {
				return err
			}
		}
	}
}

// dialogue is a script and what comes of it.
type dialogue struct {
	script         string
	replies        map[string]reply
	stdout, stderr string
	sent           []string // nil: not checked
}

// run plays the dialogue.
func (d dialogue) run(t *testing.T, configure func(*Session)) {
	t.Helper()
	var sent []string
	stdout, stderr, err := played(t, answering(d.replies, &sent), func(s *Session) error {
		s.Continue = true
		s.setDefaults()
		if configure != nil {
			configure(s)
		}
		_ = s.Script(t.Context(), lex.NewInput(strings.NewReader(d.script)), "")
		return s.unusable
	})
	if err != nil || stdout != d.stdout || stderr != d.stderr {
		t.Errorf("error %v\nstdout %q\nwant   %q\nstderr %q\nwant   %q", err, stdout, d.stdout, stderr, d.stderr)
	}
	if d.sent != nil && !slices.Equal(sent, d.sent) {
		t.Errorf("the server was sent %q, want %q", sent, d.sent)
	}
}
