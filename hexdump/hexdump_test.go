package hexdump

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgproto3"
)

func TestFormat(t *testing.T) {
	for _, test := range []struct {
		b     []byte
		limit int
		want  string
	}{
		{nil, 0, ""},
		{[]byte("Z\x00\x00\x00\x05I"), 0, "<- 0000  5a 00 00 00 05 49                                 |Z....I|\n"},
		{bytes.Repeat([]byte{'a'}, 17), 0, "<- 0000  61 61 61 61 61 61 61 61  61 61 61 61 61 61 61 61  |aaaaaaaaaaaaaaaa|\n<- 0010  61                                                |a|\n"},
		{bytes.Repeat([]byte{'a'}, 40), 1, "<- 0000  61 61 61 61 61 61 61 61  61 61 61 61 61 61 61 61  |aaaaaaaaaaaaaaaa|\n<- … 24 more bytes\n"},
	} {
		if got := Format(test.b, "<-", test.limit); got != test.want {
			t.Errorf("%q:\n%s\nwant\n%s", test.b, got, test.want)
		}
	}
}

type encoder interface {
	Encode([]byte) ([]byte, error)
}

func encode(t testing.TB, messages ...encoder) (b []byte) {
	t.Helper()
	for _, m := range messages {
		var err error
		if b, err = m.Encode(b); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

// conversation is a login and a query.
func conversation(t testing.TB) (client, server []byte) {
	client = encode(t, &pgproto3.SSLRequest{}, &pgproto3.StartupMessage{ProtocolVersion: 196608, Parameters: map[string]string{"user": "u", "password": "hidden0"}},
		&pgproto3.SASLInitialResponse{AuthMechanism: "SCRAM-SHA-256", Data: []byte("n,,n=,r=hidden1")}, &pgproto3.SASLResponse{Data: []byte("c=biws,r=x,p=hidden2")},
		&pgproto3.PasswordMessage{Password: "hidden3"}, &pgproto3.Query{String: "ALTER ROLE u PASSWORD 'hidden4''hidden5'"},
		&pgproto3.Parse{Query: "CREATE ROLE x ENCRYPTED PASSWORD $$hidden6$$"}, &pgproto3.Query{String: "SELECT 42"}, &pgproto3.Terminate{})
	server = append([]byte{'N'}, encode(t, &pgproto3.AuthenticationMD5Password{Salt: [4]byte{'h', 'i', 'd', 'd'}}, &pgproto3.AuthenticationSASLContinue{Data: []byte("s=hidden7")},
		&pgproto3.AuthenticationOk{}, &pgproto3.BackendKeyData{ProcessID: 7, SecretKey: []byte("hidden88")}, &pgproto3.RowDescription{Fields: []pgproto3.FieldDescription{{Name: []byte("rolpassword")}}},
		&pgproto3.DataRow{Values: [][]byte{[]byte("SCRAM-SHA-256$4096:hidden9$hiddenA:hiddenB"), []byte("visible")}}, &pgproto3.ReadyForQuery{TxStatus: 'I'})...)
	return client, server
}

func TestNamesAndSecrets(t *testing.T) {
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

func TestCapture(t *testing.T) {
	var file bytes.Buffer
	w, err := NewCaptureWriter(&file)
	if err != nil {
		t.Fatal(err)
	}
	long := bytes.Repeat([]byte{'x'}, maxRecord+10)
	for _, b := range [][]byte{[]byte("one"), long} {
		if err := w.Add(7, FromServer, b); err != nil {
			t.Fatal(err)
		}
	}
	var got []byte
	read := func(b []byte) error {
		got = nil
		return ReadCapture(bytes.NewReader(b), func(_ uint32, d Direction, _ bool, b []byte) error {
			got = append(append(got, byte(d)), b...)
			return nil
		})
	}
	if err := read(file.Bytes()); err != nil || len(got) != len("one")+len(long)+3 {
		t.Fatalf("%d bytes, %v", len(got), err)
	}
	for _, damaged := range [][]byte{file.Bytes()[:file.Len()-1], append([]byte(captureMagic), "?????????"...), append([]byte(captureMagic), '<', 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff)} {
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

func FuzzDecode(f *testing.F) {
	client, server := conversation(f)
	f.Add(client, server, false)
	f.Add([]byte("B\x00\x00\x00\x06\xff\xff"), []byte("D\x00\x00\x00\x06\xff\xffT\x00\x00\x00\x06\xff\xff"), true)
	f.Fuzz(func(t *testing.T, client, server []byte, started bool) {
		s := NewSplitter(started)
		total := 0
		for _, m := range slices.Concat(s.Add(FromClient, client), s.Add(FromServer, server), s.Rest()) {
			total += len(m.Raw)
			_ = Decode(m)
			_ = Format(m.Raw, m.Direction.Mark(), 3)
		}
		if total != len(client)+len(server) {
			t.Errorf("%d bytes became %d", len(client)+len(server), total)
		}
	})
}

func FuzzCapture(f *testing.F) {
	f.Add([]byte(captureMagic + "<\x00\x00\x00\x00\x00\x00\x00\x01x"))
	f.Fuzz(func(t *testing.T, b []byte) {
		_ = ReadCapture(bytes.NewReader(b), func(_ uint32, _ Direction, _ bool, part []byte) error {
			if len(part) > maxRecord {
				t.Errorf("a record of %d bytes", len(part))
			}
			return nil
		})
	})
}
