package hexdump

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/pglite-toolbox/pglite/internal/wire"
	"github.com/pglite-toolbox/pglite/internal/wire/wiretest"
)

// conversation is a login and a query.
func conversation(t testing.TB) (client, server []byte) {
	client = wiretest.Encode(t, &pgproto3.SSLRequest{}, &pgproto3.StartupMessage{ProtocolVersion: 196608, Parameters: map[string]string{"user": "u", "password": "hidden0"}},
		&pgproto3.SASLInitialResponse{AuthMechanism: "SCRAM-SHA-256", Data: []byte("n,,n=,r=hidden1")}, &pgproto3.SASLResponse{Data: []byte("c=biws,r=x,p=hidden2")},
		&pgproto3.PasswordMessage{Password: "hidden3"}, &pgproto3.Query{String: "ALTER ROLE u PASSWORD 'hidden4''hidden5'"},
		&pgproto3.Parse{Query: "CREATE ROLE x ENCRYPTED PASSWORD $$hidden6$$"}, &pgproto3.Query{String: "SELECT 42"}, &pgproto3.Terminate{})
	server = append([]byte{'N'}, wiretest.Encode(t, &pgproto3.AuthenticationMD5Password{Salt: [4]byte{'h', 'i', 'd', 'd'}}, &pgproto3.AuthenticationSASLContinue{Data: []byte("s=hidden7")},
		&pgproto3.AuthenticationOk{}, &pgproto3.BackendKeyData{ProcessID: 7, SecretKey: []byte("hidden88")}, &pgproto3.RowDescription{Fields: []pgproto3.FieldDescription{{Name: []byte("rolpassword")}}},
		&pgproto3.DataRow{Values: [][]byte{[]byte("SCRAM-SHA-256$4096:hidden9$hiddenA:hiddenB"), []byte("visible")}}, &pgproto3.ReadyForQuery{TxStatus: 'I'})...)
	return client, server
}

func TestNamesAndSecrets(t *testing.T) {
	t.Parallel()
	client, server := conversation(t)
	for _, size := range []int{1, 7, 1 << 20} {
		for _, p := range []*Printer{{}, {Raw: true}, {Decode: true}} {
			var out strings.Builder
			p.Out = &out
			for chunk := range slices.Chunk(client, size) {
				if err := p.Add(0, FromClient, chunk); err != nil {
					t.Fatal(err)
				}
			}
			for chunk := range slices.Chunk(server, size) {
				if err := p.Add(0, FromServer, chunk); err != nil {
					t.Fatal(err)
				}
			}
			if err := p.Close(); err != nil {
				t.Fatal(err)
			}
			text := out.String()
			if strings.Contains(flat(text), "hidd") {
				t.Errorf("a secret is shown:\n%s", text)
			}
			if p.Raw {
				continue
			}
			for _, want := range []string{"-> SSLRequest", "-> StartupMessage", "-> PasswordMessage", "-> Query", "-> Parse", "-> Terminate", "<- EncryptionResponse", "<- Authentication", "<- BackendKeyData", "<- RowDescription", "<- DataRow", "<- ReadyForQuery"} {
				if !strings.Contains(text, want) {
					t.Errorf("no %q in\n%s", want, text)
				}
			}
			if p.Decode && (!strings.Contains(text, `"String":"SELECT 42"`) || !strings.Contains(text, "visible")) {
				t.Errorf("fields are missing:\n%s", text)
			}
		}
	}
}

// flat joins the ASCII columns, over the ends of lines.
func flat(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if _, ascii, ok := strings.Cut(strings.TrimRight(line, "\n"), "  |"); ok {
			b.WriteString(strings.TrimSuffix(ascii, "|"))
		} else {
			b.WriteString(line)
		}
	}
	return b.String()
}

// TestCapture: what is recorded in any pieces is what is read, but for the secrets, which are not in the file.
func TestCapture(t *testing.T) {
	t.Parallel()
	client, server := conversation(t)
	want := func() string {
		var out strings.Builder
		p := &Printer{Out: &out}
		for _, err := range []error{p.Add(7, FromClient, client), p.Add(7, FromServer, server), p.Close()} {
			if err != nil {
				t.Fatal(err)
			}
		}
		return out.String()
	}()
	for _, size := range []int{1, 7, 1 << 20} {
		file := record(t, size, client, server)
		if at := bytes.Index(file, []byte("hidd")); at >= 0 {
			t.Errorf("a secret is in the file: %q", file[at:min(at+20, len(file))])
		}
		var out strings.Builder
		p := &Printer{Out: &out}
		for r, err := range ReadCapture(bytes.NewReader(file)) {
			if err := errors.Join(err, p.Record(r)); err != nil {
				t.Fatal(err)
			}
		}
		if out.String() != want {
			t.Errorf("recorded\n%s\nwant\n%s", out.String(), want)
		}
	}
}

// record writes a capture of connection 7, whose bytes come in pieces.
func record(t testing.TB, size int, client, server []byte) []byte {
	t.Helper()
	var file bytes.Buffer
	w, err := NewCaptureWriter(&file)
	if err != nil {
		t.Fatal(err)
	}
	add := func(d Direction, b []byte) {
		if err := w.Add(7, d, b); err != nil {
			t.Fatal(err)
		}
	}
	for part := range slices.Chunk(client, size) {
		add(FromClient, part)
	}
	for part := range slices.Chunk(server, size) {
		add(FromServer, part)
	}
	if err := errors.Join(w.End(7), w.Close()); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// TestLongMessage: of a message longer than the limit the beginning is kept, and a recorded one has its length.
func TestLongMessage(t *testing.T) {
	t.Parallel()
	long := wiretest.Encode(t, &pgproto3.CopyData{Data: bytes.Repeat([]byte{'x'}, recordLimit+5<<20)}, &pgproto3.ReadyForQuery{TxStatus: 'I'})
	s := wire.NewSplitter(true)
	s.Limit = 100
	for part := range slices.Chunk(long, 1<<16) {
		for _, m := range s.Add(FromServer, part) {
			if m.Name == "CopyData" && (!m.Cut || len(m.Raw) > 100) {
				t.Errorf("%d bytes kept", len(m.Raw))
			}
		}
		if s.Kept() > 100 {
			t.Fatalf("%d bytes kept", s.Kept())
		}
	}
	total := 0
	file := record(t, 1<<16, wiretest.Encode(t, &pgproto3.StartupMessage{ProtocolVersion: 196608}), long)
	for r, err := range ReadCapture(bytes.NewReader(file)) {
		if err != nil {
			t.Fatal(err)
		}
		if r.Direction == FromServer {
			total += len(r.Bytes)
		}
	}
	if total != len(long) {
		t.Errorf("%d bytes recorded of %d", total, len(long))
	}
}

func TestDamagedCapture(t *testing.T) {
	t.Parallel()
	var got []byte
	read := func(b []byte) error {
		got = nil
		for r, err := range ReadCapture(bytes.NewReader(b)) {
			if err != nil {
				return err
			}
			got = append(append(got, byte(r.Direction)), r.Bytes...)
		}
		return nil
	}
	file := record(t, 100, wiretest.Encode(t, &pgproto3.StartupMessage{ProtocolVersion: 196608}), wiretest.Encode(t, &pgproto3.ReadyForQuery{TxStatus: 'I'}))
	if err := read(file); err != nil {
		t.Fatal(err)
	}
	for _, damaged := range [][]byte{file[:len(file)-1], append([]byte(captureMagic), "?????????"...), append([]byte(captureMagic), '<', 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff)} {
		if err := read(damaged); err == nil {
			t.Errorf("no error for a damaged capture")
		}
	}
	for raw, want := range map[string]string{"Z\x00\x00\x00\x05I": "<", "\x00\x00\x00\x08\x04\xd2\x16\x2f": ">", "Q\x00": ">", "": ""} {
		if err := read([]byte(raw)); err != nil || string(got) != want+raw {
			t.Errorf("%q: %q, %v", raw, got, err)
		}
	}
}

func FuzzCapture(f *testing.F) {
	client, server := conversation(f)
	f.Add(record(f, 100, client, server))
	f.Add([]byte(captureMagic + "<\x00\x00\x00\x00\x00\x00\x00\x01x"))
	f.Fuzz(func(t *testing.T, b []byte) {
		p := &Printer{Out: io.Discard, Decode: true}
		for r, err := range ReadCapture(bytes.NewReader(b)) {
			if err != nil {
				break
			}
			if len(r.Bytes) > maxRecord {
				t.Errorf("a record of %d bytes", len(r.Bytes))
			}
			if p.Record(r) != nil {
				break
			}
		}
		if p.kept > len(b) {
			t.Errorf("%d bytes kept of %d", p.kept, len(b))
		}
	})
}

func FuzzKey(f *testing.F) {
	client, server := conversation(f)
	f.Add(client, server, false)
	f.Add([]byte("B\x00\x00\x00\x06\xff\xff"), []byte("D\x00\x00\x00\x06\xff\xffT\x00\x00\x00\x06\xff\xff"), true)
	f.Fuzz(func(t *testing.T, client, server []byte, started bool) {
		s := wire.NewSplitter(started)
		s.Limit = 1 << 10
		total := 0
		for _, m := range slices.Concat(s.Add(FromClient, client), s.Add(FromServer, server), s.Rest()) {
			total += len(m.Raw) + m.Dropped
			_ = key(m)
		}
		if total != len(client)+len(server) {
			t.Errorf("%d bytes became %d", len(client)+len(server), total)
		}
	})
}
