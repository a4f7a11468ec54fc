package repl

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/pglite-toolbox/pglite/repl/format"
	"github.com/pglite-toolbox/pglite/repl/lex"
)

// fakeServer plays the server's part of an exchange. The connection holds nothing back, so a session that writes while
// it should read is found out.
type fakeServer struct {
	*pgproto3.Backend
	conn net.Conn
}

func (f *fakeServer) say(messages ...pgproto3.BackendMessage) error {
	for _, m := range messages {
		f.Send(m)
	}
	return f.Flush()
}

var (
	column = &pgproto3.RowDescription{Fields: []pgproto3.FieldDescription{{Name: []byte("a"), DataTypeOID: 23}}}
	ready  = &pgproto3.ReadyForQuery{TxStatus: 'I'}
)

func row(values ...string) *pgproto3.DataRow {
	m := &pgproto3.DataRow{}
	for _, value := range values {
		m.Values = append(m.Values, []byte(value))
	}
	return m
}

func tag(text string) *pgproto3.CommandComplete {
	return &pgproto3.CommandComplete{CommandTag: []byte(text)}
}

// played runs do with a session whose server is played by serve.
func played(t *testing.T, serve func(*fakeServer) error, do func(*Session) error) (stdout, stderr string, err error) {
	t.Helper()
	client, server := net.Pipe()
	finished := make(chan error, 1)
	go func() {
		f := &fakeServer{pgproto3.NewBackend(server, server), server}
		finished <- serve(f)
		server.Close()
	}()
	var out, messages bytes.Buffer
	s := &Session{
		Connection: Connection{Conn: client, Frontend: pgproto3.NewFrontend(client, client), Status: map[string]string{}},
		Config: Config{
			Out: bufio.NewWriter(&out), Message: func(text string) { messages.WriteString(text) },
			Options: format.DefaultOptions(), Program: "test",
		},
	}
	err = do(s)
	client.Close()
	if e := <-finished; e != nil {
		t.Errorf("the server: %v", e)
	}
	return out.String(), messages.String(), err
}

// expect receives a message and checks what it is.
func expect[M pgproto3.FrontendMessage](f *fakeServer) (m M, err error) {
	got, err := f.Receive()
	if err != nil {
		return m, err
	}
	m, ok := got.(M)
	if !ok {
		return m, fmt.Errorf("got a %T, want a %T", got, m)
	}
	return m, nil
}

func TestQuery(t *testing.T) {
	t.Parallel()
	stdout, stderr, err := played(t, func(f *fakeServer) error {
		q, err := expect[*pgproto3.Query](f)
		if err != nil || q.String != "the query" {
			return fmt.Errorf("got query %v, error %v", q, err)
		}
		return f.say(
			&pgproto3.NoticeResponse{Severity: "NOTICE", Message: "first"},
			column, row("1"), &pgproto3.ParameterStatus{Name: "n", Value: "v"}, row("22"), tag("SELECT 2"), tag("CREATE TABLE"), &pgproto3.EmptyQueryResponse{},
			&pgproto3.NotificationResponse{PID: 7, Channel: "c", Payload: "p"}, &pgproto3.ReadyForQuery{TxStatus: 'T'},
		)
	}, func(s *Session) error {
		err := s.Query(t.Context(), "the query")
		if s.TxStatus() != 'T' || s.Status["n"] != "v" {
			t.Errorf("status %c, parameters %v", s.TxStatus(), s.Status)
		}
		return err
	})
	const want = " a  \n----\n  1\n 22\n(2 rows)\n\nCREATE TABLE\nAsynchronous notification \"c\" with payload \"p\" received from server process with PID 7.\n"
	if err != nil || stdout != want || stderr != "NOTICE:  first\n" {
		t.Errorf("got %q, %q, %v", stdout, stderr, err)
	}
}

func TestQueryError(t *testing.T) {
	t.Parallel()
	stdout, stderr, err := played(t, func(f *fakeServer) error {
		if _, err := expect[*pgproto3.Query](f); err != nil {
			return err
		}
		return f.say(column, row("1"), &pgproto3.ErrorResponse{Severity: "ERROR", Code: "22012", Message: "division by zero", Position: 3}, ready)
	}, func(s *Session) error { return s.Query(t.Context(), "abc") })
	var failed *QueryError
	if !errors.As(err, &failed) || failed.Response.Code != "22012" {
		t.Errorf("got error %v", err)
	}
	if stdout != "" || stderr != "ERROR:  division by zero\nLINE 1: abc\n          ^\n" {
		t.Errorf("got %q, %q", stdout, stderr)
	}
}

func TestQueryConnectionLost(t *testing.T) {
	t.Parallel()
	_, _, err := played(t, func(f *fakeServer) error {
		_, err := expect[*pgproto3.Query](f)
		return errors.Join(err, f.say(column, row("1")))
	}, func(s *Session) error { return s.Query(t.Context(), "abc") })
	var lost *ConnectionError
	if !errors.As(err, &lost) {
		t.Errorf("got error %v", err)
	}
}

func TestQueryParameters(t *testing.T) {
	t.Parallel()
	stdout, _, err := played(t, func(f *fakeServer) error {
		parse, err := expect[*pgproto3.Parse](f)
		if err != nil || parse.Query != "q" {
			return fmt.Errorf("got %v, error %v", parse, err)
		}
		if _, err := expect[*pgproto3.Describe](f); err != nil {
			return err
		}
		if _, err := expect[*pgproto3.Flush](f); err != nil {
			return err
		}
		if err := f.say(&pgproto3.ParseComplete{}, &pgproto3.ParameterDescription{ParameterOIDs: []uint32{23}}, column); err != nil {
			return err
		}
		bind, err := expect[*pgproto3.Bind](f)
		if err != nil || len(bind.Parameters) != 1 || string(bind.Parameters[0]) != "42" {
			return fmt.Errorf("got %v, error %v", bind, err)
		}
		if _, err := expect[*pgproto3.Execute](f); err != nil {
			return err
		}
		if _, err := expect[*pgproto3.Sync](f); err != nil {
			return err
		}
		return f.say(&pgproto3.BindComplete{}, row("42"), tag("SELECT 1"), ready)
	}, func(s *Session) error {
		s.Parameters = []string{"42"}
		s.Options.Format = format.JSONLines
		s.arraysKnown = true // the server of this test has nothing to say about types
		return s.Query(t.Context(), "q")
	})
	if err != nil || stdout != "{\"a\":42}\n" {
		t.Errorf("got %q, %v", stdout, err)
	}
}

// TestCopyIn has the server talk while it is sent the data, over a connection without a buffer.
func TestCopyIn(t *testing.T) {
	t.Parallel()
	data := strings.Repeat("a line of data\n", 20000)
	stdout, stderr, err := played(t, func(f *fakeServer) error {
		if _, err := expect[*pgproto3.Query](f); err != nil {
			return err
		}
		if err := f.say(&pgproto3.CopyInResponse{}); err != nil {
			return err
		}
		var got strings.Builder
		for {
			m, err := f.Receive()
			if err != nil {
				return err
			}
			if piece, ok := m.(*pgproto3.CopyData); ok {
				got.Write(piece.Data)
				if err := f.say(&pgproto3.NoticeResponse{Severity: "NOTICE", Message: "got it"}); err != nil {
					return err
				}
				continue
			}
			if _, ok := m.(*pgproto3.CopyDone); !ok || got.String() != data {
				return fmt.Errorf("got %T after %d bytes", m, got.Len())
			}
			break
		}
		if err := f.say(tag("COPY 20000"), ready); err != nil {
			return err
		}
		q, err := expect[*pgproto3.Query](f)
		if err != nil || q.String != "SELECT 2;" {
			return fmt.Errorf("got %v, error %v", q, err)
		}
		return f.say(tag("SELECT 0"), ready)
	}, func(s *Session) error {
		return s.Script(t.Context(), lex.NewInput(strings.NewReader("COPY t FROM STDIN;\n"+data+"\\.\nSELECT 2;\n")), "")
	})
	if err != nil || stdout != "COPY 20000\nSELECT 0\n" || !strings.HasPrefix(stderr, "NOTICE:  got it\n") {
		t.Errorf("got %q, %q, %v", stdout, stderr, err)
	}
}

// TestCopyInFailure has the server give up in the middle of the data: the script goes on behind it.
func TestCopyInFailure(t *testing.T) {
	t.Parallel()
	_, stderr, err := played(t, func(f *fakeServer) error {
		if _, err := expect[*pgproto3.Query](f); err != nil {
			return err
		}
		if err := f.say(&pgproto3.CopyInResponse{}); err != nil {
			return err
		}
		if _, err := expect[*pgproto3.CopyData](f); err != nil {
			return err
		}
		// From here on the server ignores what belongs to the COPY.
		said := make(chan error, 1)
		go func() { said <- f.say(&pgproto3.ErrorResponse{Severity: "ERROR", Message: "no"}, ready) }()
		for {
			m, err := f.Receive()
			if err != nil {
				return err
			}
			if q, ok := m.(*pgproto3.Query); ok {
				if q.String != "SELECT 2;" {
					return fmt.Errorf("got query %q", q.String)
				}
				return errors.Join(<-said, f.say(tag("SELECT 0"), ready))
			}
		}
	}, func(s *Session) error {
		s.Continue = true
		script := "COPY t FROM STDIN;\n" + strings.Repeat("a line of data\n", 50000) + "\\.\nSELECT 2;\n"
		return s.Script(t.Context(), lex.NewInput(strings.NewReader(script)), "x.sql")
	})
	var failed *QueryError
	if !errors.As(err, &failed) || stderr != "test:x.sql:50002: ERROR:  no\n" {
		t.Errorf("got %q, %v", stderr, err)
	}
}

func TestCancel(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	asked := make(chan struct{})
	_, stderr, err := played(t, func(f *fakeServer) error {
		if _, err := expect[*pgproto3.Query](f); err != nil {
			return err
		}
		cancel()
		<-asked
		return f.say(&pgproto3.ErrorResponse{Severity: "ERROR", Message: "cancelled"}, ready)
	}, func(s *Session) error {
		s.Cancel = func(context.Context) error { close(asked); return nil }
		err := s.Query(ctx, "q")
		if next := s.Query(ctx, "q"); !errors.Is(next, context.Canceled) {
			t.Errorf("the next query: %v", next)
		}
		return err
	})
	var failed *QueryError
	if !errors.As(err, &failed) || stderr != "ERROR:  cancelled\n" {
		t.Errorf("got %q, %v", stderr, err)
	}
}

func TestCancelIgnored(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	_, _, err := played(t, func(f *fakeServer) error {
		if _, err := expect[*pgproto3.Query](f); err != nil {
			return err
		}
		cancel()
		if _, err := f.Receive(); err == nil || errors.Is(err, io.ErrShortBuffer) {
			return fmt.Errorf("the connection was not closed: %v", err)
		}
		return nil
	}, func(s *Session) error {
		s.Grace = time.Millisecond
		s.Cancel = func(context.Context) error { return nil }
		return s.Query(ctx, "q")
	})
	var lost *ConnectionError
	if !errors.As(err, &lost) {
		t.Errorf("got error %v", err)
	}
}

// TestCancelCopyThatNeverEnds has a shell that is left with data for a COPY that never come connect again, and say so.
func TestCancelCopyThatNeverEnds(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	never, writer := io.Pipe()
	defer writer.Close()
	connected := 0
	_, stderr, err := played(t, func(f *fakeServer) error {
		if _, err := expect[*pgproto3.Query](f); err != nil {
			return err
		}
		if err := f.say(&pgproto3.CopyInResponse{}); err != nil {
			return err
		}
		cancel()
		if _, err := expect[*pgproto3.CopyFail](f); err != nil {
			return err
		}
		return f.say(&pgproto3.ErrorResponse{Severity: "ERROR", Message: "cancelled"}, ready)
	}, func(s *Session) error {
		s.Grace, s.Terminal, s.Quiet = time.Second, &Terminal{Interactive: true}, true
		s.Input, s.Variables = lex.NewInput(never), Variables{}
		s.Connect = func(_ context.Context, s *Session, _ Target) error {
			if lost := (*ConnectionError)(nil); !errors.As(s.unusable, &lost) || !errors.Is(s.unusable, context.Canceled) {
				t.Errorf("the session is of no use because %v", s.unusable)
			}
			connected++
			return nil
		}
		shell := &Shell{Session: s, Interruptible: func(context.Context) (context.Context, context.CancelFunc) { return ctx, func() {} }}
		return shell.segment(t.Context(), s.newRun(nil), lex.Segment{Kind: lex.Statement, Text: "COPY t FROM STDIN;"})
	})
	if err != nil || connected != 1 || stderr != "ERROR:  cancelled\nThe connection to the server was lost. Attempting reset: Succeeded.\n" {
		t.Errorf("connected %d times, got %q, %v", connected, stderr, err)
	}
}

func TestScriptStops(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		goOn    bool
		queries int
	}{"stop": {false, 2}, "continue": {true, 3}} {
		t.Run(name, func(t *testing.T) {
			_, _, err := played(t, func(f *fakeServer) error {
				for i := range c.queries {
					if _, err := expect[*pgproto3.Query](f); err != nil {
						return err
					}
					answer := pgproto3.BackendMessage(tag("OK"))
					if i == 1 {
						answer = &pgproto3.ErrorResponse{Severity: "ERROR", Message: "second"}
					}
					if err := f.say(answer, ready); err != nil {
						return err
					}
				}
				return nil
			}, func(s *Session) error {
				s.Continue = c.goOn
				return s.Script(t.Context(), lex.NewInput(strings.NewReader("1;\n2;\n3;\n")), "")
			})
			var failed *QueryError
			if !errors.As(err, &failed) {
				t.Errorf("got error %v", err)
			}
		})
	}
}
