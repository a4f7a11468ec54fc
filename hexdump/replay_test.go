package hexdump

import (
	"bytes"
	"context"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/pglite-toolbox/pglite/internal/wire"
	"github.com/pglite-toolbox/pglite/internal/wire/wiretest"
)

// scripted is a server that answers each request, which ends with Query or Sync, with the next of its answers. After the
// last one it ends the session, or says nothing more.
type scripted struct {
	answers [][]byte
	silent  bool
}

func (s scripted) connect(context.Context, map[string]string) (net.Conn, error) {
	client, server := net.Pipe()
	go func() {
		defer server.Close()
		split := wire.NewSplitter(true)
		answers := s.answers
		b := make([]byte, 4096)
		for {
			n, err := server.Read(b)
			if err != nil {
				return
			}
			for _, m := range split.Add(FromClient, b[:n]) {
				switch {
				case m.Name == "Terminate", len(answers) == 0 && !s.silent:
					return
				case (m.Name == "Query" || m.Name == "Sync") && len(answers) > 0:
					if _, err := server.Write(answers[0]); err != nil {
						return
					}
					answers = answers[1:]
				}
			}
		}
	}()
	return client, nil
}

func row(value string) wiretest.Message {
	return &pgproto3.DataRow{Values: [][]byte{[]byte(value)}}
}

var ready = &pgproto3.ReadyForQuery{TxStatus: 'I'}

// replayed is a capture of a login, two queries in a pipeline, and an extended one.
func replayed(t *testing.T) []byte {
	client := wiretest.Encode(t, &pgproto3.SSLRequest{}, &pgproto3.StartupMessage{ProtocolVersion: 196608, Parameters: map[string]string{"user": "u"}}, &pgproto3.PasswordMessage{Password: "hidden"})
	login := append([]byte{'N'}, wiretest.Encode(t, &pgproto3.AuthenticationOk{}, &pgproto3.BackendKeyData{ProcessID: 1, SecretKey: []byte("hidd")}, ready)...)
	var file bytes.Buffer
	w, err := NewCaptureWriter(&file)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []struct {
		d Direction
		b []byte
	}{
		{FromClient, client},
		{FromServer, login},
		{FromClient, wiretest.Encode(t, &pgproto3.Query{String: "one"}, &pgproto3.Query{String: "two"})},
		{FromServer, wiretest.Encode(t, row("1"), ready, row("2"), row("3"), &pgproto3.NotificationResponse{PID: 5}, ready)},
		{FromClient, wiretest.Encode(t, &pgproto3.Parse{Query: "three"}, &pgproto3.Sync{})},
		{FromServer, wiretest.Encode(t, &pgproto3.ErrorResponse{Code: "42601", Message: "m", Line: 7}, ready)},
		{FromClient, wiretest.Encode(t, &pgproto3.Terminate{})},
	} {
		if err := w.Add(1, part.d, part.b); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.End(1); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func TestReplay(t *testing.T) {
	t.Parallel()
	first, second := wiretest.Encode(t, row("1"), ready), wiretest.Encode(t, row("2"), row("3"), ready)
	third := wiretest.Encode(t, &pgproto3.ErrorResponse{Code: "42601", Message: "m", Line: 8}, ready)
	for name, test := range map[string]struct {
		server scripted
		want   ReplayResult
		shows  []string
	}{
		"same":    {scripted{answers: [][]byte{first, second, third}}, ReplayResult{Connections: 1, Answers: 3}, nil},
		"more":    {scripted{answers: [][]byte{first, wiretest.Encode(t, row("2"), row("new"), row("3"), ready), third}}, ReplayResult{Connections: 1, Answers: 3, Different: 1}, []string{"  #1 -> Query \"String\":\"two\"\n+ #1 <- DataRow \"Values\":[{\"text\":\"new\"}]\n  #1 <- DataRow"}},
		"less":    {scripted{answers: [][]byte{first, wiretest.Encode(t, row("2"), ready), third}}, ReplayResult{Connections: 1, Answers: 3, Different: 1}, []string{"- #1 <- DataRow \"Values\":[{\"text\":\"3\"}]\n  #1 <- ReadyForQuery"}},
		"none":    {scripted{answers: [][]byte{first, wiretest.Encode(t, ready), third}}, ReplayResult{Connections: 1, Answers: 3, Different: 1}, []string{"- #1 <- DataRow \"Values\":[{\"text\":\"2\"}]\n- #1"}},
		"other":   {scripted{answers: [][]byte{wiretest.Encode(t, row("0"), ready), second, second}}, ReplayResult{Connections: 1, Answers: 3, Different: 2}, []string{"-> Query \"String\":\"one\"\n- #1", "-> Sync\n- #1 <- ErrorResponse"}},
		"ends":    {scripted{answers: [][]byte{first, second}}, ReplayResult{Connections: 1, Answers: 3, Different: 1}, []string{"not replayed"}},
		"silence": {scripted{answers: [][]byte{first, second}, silent: true}, ReplayResult{Connections: 1, Answers: 3, Different: 1}, []string{"not replayed"}},
		"status":  {scripted{answers: [][]byte{first, second, wiretest.Encode(t, &pgproto3.ErrorResponse{Code: "42601", Message: "m"}, &pgproto3.ReadyForQuery{TxStatus: 'E'})}}, ReplayResult{Connections: 1, Answers: 3, Different: 1}, []string{`+ #1 <- ReadyForQuery "TxStatus":"E"`}},
	} {
		t.Run(name, func(t *testing.T) {
			var out strings.Builder
			r := Replay{Connect: test.server.connect, Out: &out}
			if test.server.silent {
				r.Patience = time.Millisecond
			}
			got, err := r.Run(t.Context(), bytes.NewReader(replayed(t)))
			if err != nil || got != test.want && !test.server.silent || test.server.silent && got.Same() {
				t.Errorf("%+v, %v, want %+v\n%s", got, err, test.want, out.String())
			}
			for _, want := range test.shows {
				if !strings.Contains(out.String(), want) {
					t.Errorf("no %q in\n%s", want, out.String())
				}
			}
		})
	}
}

// TestReplayFails: what cannot be replayed is told.
func TestReplayFails(t *testing.T) {
	t.Parallel()
	start := &pgproto3.StartupMessage{ProtocolVersion: 196608, Parameters: map[string]string{"user": "u", "replication": "database"}}
	ssl := wiretest.Encode(t, &pgproto3.SSLRequest{})
	for want, file := range map[string][]byte{
		"is no capture":          []byte("Q\x00"),
		"replication":            record(t, 100, wiretest.Encode(t, start), nil),
		"is encrypted":           slices.Concat([]byte(captureMagic), appendRecord(nil, 7, FromClient, ssl), appendRecord(nil, 7, FromServer, []byte("S")), appendRecord(nil, 7, FromClient, []byte("x"))),
		"is damaged":             append([]byte(captureMagic), "?????????"...),
		"of 16777323 bytes":      record(t, 1<<20, wiretest.Encode(t, &pgproto3.StartupMessage{ProtocolVersion: 196608}, &pgproto3.CopyData{Data: make([]byte, recordLimit+102)}), nil),
		"in the middle of a rec": replayed(t)[:200],
	} {
		got, err := (&Replay{Connect: scripted{}.connect, Out: &bytes.Buffer{}}).Run(t.Context(), bytes.NewReader(file))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v, %v, want an error that has %q", got, err, want)
		}
	}
}

// TestReplaySendsNoBlankedPassword: asterisks must not become somebody's password.
func TestReplaySendsNoBlankedPassword(t *testing.T) {
	t.Parallel()
	client := wiretest.Encode(t, &pgproto3.StartupMessage{ProtocolVersion: 196608}, &pgproto3.Query{String: "ALTER ROLE r PASSWORD 'hidden'"}, &pgproto3.Query{String: "x"})
	file := record(t, 1000, client, slices.Concat(wiretest.Encode(t, ready), wiretest.Encode(t, ready), wiretest.Encode(t, ready)))
	var sent bytes.Buffer
	r := Replay{Out: &bytes.Buffer{}, Connect: func(ctx context.Context, p map[string]string) (net.Conn, error) {
		conn, err := scripted{answers: [][]byte{wiretest.Encode(t, ready), wiretest.Encode(t, ready)}}.connect(ctx, p)
		return &spied{conn, &sent}, err
	}}
	got, err := r.Run(t.Context(), bytes.NewReader(file))
	if err != nil || got.NotSent != 1 || got.Same() || strings.Contains(sent.String(), "PASSWORD") {
		t.Errorf("%+v, %v, sent %q", got, err, sent.String())
	}
}

// spied keeps what is written.
type spied struct {
	net.Conn
	sent *bytes.Buffer
}

func (s *spied) Write(b []byte) (int, error) {
	s.sent.Write(b)
	return s.Conn.Write(b)
}

// TestReplayBounded: of answers that differ, however long, little is kept.
func TestReplayBounded(t *testing.T) {
	t.Parallel()
	a := answer{}
	a.recorded(messageOf(wiretest.Encode(t, row("first"))))
	a.received(messageOf(wiretest.Encode(t, row("other"))))
	big := messageOf(wiretest.Encode(t, row(strings.Repeat("x", 1<<20))))
	for range 10 * maxCompared {
		a.recorded(big)
		a.received(big)
	}
	if a.size > maxComparedBytes+2*len(big.Raw) {
		t.Errorf("%d bytes are kept", a.size)
	}
	if text := a.difference("", false); !strings.Contains(text, "more messages") {
		t.Errorf("no count in\n%.1000s", text)
	}
}

// messageOf is a message of the server.
func messageOf(raw []byte) wire.Message { return wire.NewSplitter(true).Add(FromServer, raw)[0] }
