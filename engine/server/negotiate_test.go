package server

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/binary"
	"io"
	"net"
	"testing"
	"testing/iotest"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/pglite-toolbox/pglite/engine/internal/readahead"
	"github.com/pglite-toolbox/pglite/internal/wire"
)

// script is a client that sends what it has to send and reads nothing.
type script struct {
	in      io.Reader
	answers bytes.Buffer
	tcp     bool
}

func (s *script) Read(b []byte) (int, error)       { return s.in.Read(b) }
func (s *script) Write(b []byte) (int, error)      { return s.answers.Write(b) }
func (s *script) Close() error                     { return nil }
func (s *script) LocalAddr() net.Addr              { return s.RemoteAddr() }
func (s *script) SetDeadline(time.Time) error      { return nil }
func (s *script) SetReadDeadline(time.Time) error  { return nil }
func (s *script) SetWriteDeadline(time.Time) error { return nil }
func (s *script) RemoteAddr() net.Addr {
	if s.tcp {
		return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)}
	}
	return &net.UnixAddr{Net: "unix"}
}

func code(n uint32) []byte {
	return binary.BigEndian.AppendUint32([]byte{0, 0, 0, 8}, n)
}

// parts reads each part by itself.
func parts(all ...[]byte) io.Reader {
	var readers []io.Reader
	for _, b := range all {
		readers = append(readers, bytes.NewReader(b))
	}
	return io.MultiReader(readers...)
}

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

var startupExample = join([]byte{0, 0, 0, 23, 0, 3, 0, 0}, []byte("user\x00postgres\x00\x00"))

var cancelExample = join([]byte{0, 0, 0, 16}, code(wire.CancelRequestCode)[4:], []byte("12345678"))

func TestNegotiate(t *testing.T) {
	t.Parallel()
	secure := &Server{}
	secure.certificate.config = &tls.Config{}
	plain := &Server{}
	strict := &Server{cfg: Config{RequireTLS: true}}
	strict.certificate.config = &tls.Config{}
	for _, test := range []struct {
		name    string
		server  *Server
		said    [][]byte // each part at a time of its own
		answers string
		rest    []byte // what the server gets; nil: the client is refused
	}{
		{"required tls, startup", strict, [][]byte{startupExample}, "", nil},
		{"required tls, gss, startup", strict, [][]byte{code(wire.GSSENCRequestCode), startupExample}, "N", nil},
		{"required tls, cancel", strict, [][]byte{cancelExample}, "", cancelExample},
		{"required tls, cancel without a key", strict, [][]byte{code(wire.CancelRequestCode)}, "", nil},
		{"required tls, cancel of a huge length", strict, [][]byte{join([]byte{0xff, 0xff, 0, 0}, cancelExample[4:])}, "", nil},
		{"required tls, http", strict, [][]byte{[]byte("GET / HTTP/1.1\r\n\r\n")}, "", nil},
		{"startup", plain, [][]byte{startupExample}, "", startupExample},
		{"startup and more", plain, [][]byte{join(startupExample, []byte("more"))}, "", join(startupExample, []byte("more"))},
		{"ssl, startup", plain, [][]byte{code(wire.SSLRequestCode), startupExample}, "N", startupExample},
		{"gss, startup", secure, [][]byte{code(wire.GSSENCRequestCode), startupExample}, "N", startupExample},
		{"gss, ssl, startup", plain, [][]byte{code(wire.GSSENCRequestCode), code(wire.SSLRequestCode), startupExample}, "NN", startupExample},
		{"ssl twice", plain, [][]byte{code(wire.SSLRequestCode), code(wire.SSLRequestCode)}, "N", join(code(wire.SSLRequestCode), code(wire.SSLRequestCode))},
		{"gss twice", plain, [][]byte{code(wire.GSSENCRequestCode), code(wire.GSSENCRequestCode)}, "N", join(code(wire.GSSENCRequestCode), code(wire.GSSENCRequestCode))},
		{
			"gss, ssl, gss, more", plain,
			[][]byte{code(wire.GSSENCRequestCode), code(wire.SSLRequestCode), code(wire.GSSENCRequestCode), []byte("more")},
			"NN",
			join(code(wire.GSSENCRequestCode), code(wire.SSLRequestCode), code(wire.GSSENCRequestCode), []byte("more")),
		},
		{"cancel", plain, [][]byte{cancelExample}, "", cancelExample},
		{"nothing", plain, nil, "", nil},
		{"half a header", plain, [][]byte{startupExample[:5]}, "", nil},
		{"half a startup", plain, [][]byte{startupExample[:20]}, "", nil},
		{"length too large", plain, [][]byte{[]byte("\xff\xff\xff\xffabcdef")}, "", []byte("\xff\xff\xff\xffabcdef")},
		{"length too small", plain, [][]byte{[]byte("\x00\x00\x00\x03abcdef")}, "", []byte("\x00\x00\x00\x03abcdef")},
		{"http", plain, [][]byte{[]byte("GET / HTTP/1.1\r\n\r\n")}, "", []byte("GET / HTTP/1.1\r\n\r\n")},
		{"ssl, nothing", secure, [][]byte{code(wire.SSLRequestCode)}, "S", nil},
		{"ssl, plain text", secure, [][]byte{code(wire.SSLRequestCode), startupExample}, "S", nil},
		{"tls without tls", plain, [][]byte{[]byte("\x16\x03\x01\x00\x05hello")}, "", []byte("\x16\x03\x01\x00\x05hello")},
		{"ssl with startup", plain, [][]byte{join(code(wire.SSLRequestCode), startupExample)}, "N", nil},
		{"ssl with a byte", plain, [][]byte{join(code(wire.SSLRequestCode), []byte{0})}, "N", nil},
		{"gss with startup", secure, [][]byte{join(code(wire.GSSENCRequestCode), startupExample)}, "N", nil},
		{"gss with ssl", plain, [][]byte{join(code(wire.GSSENCRequestCode), code(wire.SSLRequestCode)), startupExample}, "N", nil},
		{"gss, ssl with startup", plain, [][]byte{code(wire.GSSENCRequestCode), join(code(wire.SSLRequestCode), startupExample)}, "NN", nil},
		{"ssl with plain text", secure, [][]byte{join(code(wire.SSLRequestCode), startupExample)}, "S", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			client := &script{in: parts(test.said...), tcp: true}
			conn, err := test.server.negotiateEncryption(context.Background(), client)
			if (err == nil) != (test.rest != nil) {
				t.Fatalf("error %v", err)
			}
			if test.rest != nil {
				if rest := hear(t, conn, len(test.answers)); !bytes.Equal(rest, test.rest) {
					t.Errorf("the server gets %q, want %q", rest, test.rest)
				}
			}
			if got := client.answers.String(); len(got) < len(test.answers) || got[:len(test.answers)] != test.answers {
				t.Errorf("answers %q, want %q", got, test.answers)
			}
		})
	}
}

// hear reads what the server gets of a client, and answers repeated requests as the server does: those before the last.
func hear(t *testing.T, conn *readahead.Conn, answered int) []byte {
	t.Helper()
	var all []byte
	if r, ok := conn.NetConn().(*repeats); ok {
		for range answered {
			request := make([]byte, headerSize)
			if _, err := io.ReadFull(conn, request); err != nil {
				t.Fatal(err)
			}
			all = append(all, request...)
			if _, err := r.Write([]byte("N")); err != nil {
				t.Fatal(err)
			}
		}
	}
	rest, err := io.ReadAll(conn)
	if err != nil {
		t.Fatal(err)
	}
	return append(all, rest...)
}

// TestRepeatsPassErrorsOn: what the server says in place of an answer is for the client, and a session that ends keeps
// nobody waiting.
func TestRepeatsPassErrorsOn(t *testing.T) {
	t.Parallel()
	client := &script{in: bytes.NewReader([]byte("more"))}
	r := newRepeats(client, [][]byte{code(wire.SSLRequestCode), code(wire.GSSENCRequestCode)}, code(wire.SSLRequestCode))
	read := make(chan []byte)
	go func() {
		rest, _ := io.ReadAll(r)
		read <- rest
	}()
	if _, err := r.Write([]byte("NE...")); err != nil {
		t.Fatal(err)
	}
	if got := client.answers.String(); got != "E..." {
		t.Errorf("the client hears %q", got)
	}
	if err := r.SetReadDeadline(time.Now()); err != nil {
		t.Fatal(err)
	}
	<-read
}

// FuzzNegotiate: no panic, bounded reading, nobody without TLS where that is required, and the server gets the client's
// bytes without the requests that the door has answered.
func FuzzNegotiate(f *testing.F) {
	for _, seed := range [][]byte{
		nil, startupExample, cancelExample, join(code(wire.SSLRequestCode), startupExample), join(code(wire.GSSENCRequestCode), code(wire.SSLRequestCode), startupExample),
		[]byte("\x16\x03\x01\x00\x05hello"), []byte("GET / HTTP/1.1\r\n\r\n"), bytes.Repeat([]byte{0}, 20), bytes.Repeat([]byte{0xff}, 20),
	} {
		f.Add(seed, true, true, true)
		f.Add(seed, true, true, false)
		f.Add(seed, false, false, false)
	}
	f.Fuzz(func(t *testing.T, said []byte, offered, tcp, required bool) {
		s := &Server{cfg: Config{RequireTLS: required}}
		if offered {
			s.certificate.config = &tls.Config{NextProtos: []string{alpn}}
		}
		in := bytes.NewReader(said)
		client := &script{in: iotest.OneByteReader(in), tcp: tcp} // nothing comes before its answer
		conn, err := s.negotiateEncryption(context.Background(), client)
		if err != nil {
			return
		}
		if read := len(said) - in.Len(); read > longestStartup+3*headerSize {
			t.Errorf("%d bytes read before there is a session", read)
		}
		if required && tcp && !cancels(conn) { // no TLS comes about here
			t.Errorf("let in without TLS: %q", said)
		}
		repeated := false
		if r, ok := conn.NetConn().(*repeats); ok {
			repeated = true
			defer r.end()
		}
		rest := hear(t, conn, client.answers.Len())
		answered := client.answers.Len() * headerSize
		if repeated {
			answered = 0 // the server hears it all
		}
		if answered > len(said) || !bytes.Equal(rest, said[answered:]) {
			t.Errorf("the server gets %q of %q", rest, said)
		}
	})
}

// TestEarlyDataIsRefused: as by PostgreSQL, a client that does not wait for the answer to its request for encryption
// reads the answer, then an error, and its session never begins.
func TestEarlyDataIsRefused(t *testing.T) {
	t.Parallel()
	for request, want := range map[uint32]string{
		wire.SSLRequestCode:    "received unencrypted data after SSL request",
		wire.GSSENCRequestCode: "received unencrypted data after GSSAPI encryption request",
	} {
		s, err := Listen(Config{TCP: "0"})
		if err != nil {
			t.Fatal(err)
		}
		s.admission.limit(1)
		near, far := net.Pipe()
		go s.serve(s.listeners[0], far)
		go func() { _, _ = near.Write(join(code(request), startupExample)) }() // ends when all of it is read
		answer := make([]byte, 1)
		if _, err := io.ReadFull(near, answer); err != nil || answer[0] != 'N' {
			t.Errorf("answer %q, %v", answer, err)
		}
		m, err := pgproto3.NewFrontend(near, near).Receive()
		refused, ok := m.(*pgproto3.ErrorResponse)
		if err != nil || !ok || refused.Code != "08P01" || refused.Message != want || refused.Detail == "" {
			t.Errorf("refused with %+v, %v, want %q", m, err, want)
		}
		_ = near.Close()
		_ = s.Close()
	}
}
