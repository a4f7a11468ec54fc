package server_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"io"
	"net"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/engine/server"
	"github.com/pglite-toolbox/pglite/internal/enginetest"
	"github.com/pglite-toolbox/pglite/internal/wire"
)

func requestOf(code uint32) []byte { return binary.BigEndian.AppendUint32([]byte{0, 0, 0, 8}, code) }

// converse sends requests, each after the answer to the one before, and returns the answers of one byte and the error
// that ends it.
func converse(t *testing.T, conn net.Conn, codes ...uint32) (answers string, refused *pgproto3.ErrorResponse) {
	t.Helper()
	_ = conn.SetDeadline(time.Now().Add(time.Minute))
	for _, code := range codes {
		if _, err := conn.Write(requestOf(code)); err != nil {
			t.Fatal(err)
		}
		var first [1]byte
		if _, err := io.ReadFull(conn, first[:]); err != nil {
			t.Fatalf("after %q: %v", answers, err)
		}
		if first[0] != 'E' {
			answers += string(first[:])
			continue
		}
		message, err := pgproto3.NewFrontend(io.MultiReader(bytes.NewReader(first[:]), conn), nil).Receive()
		if err != nil {
			t.Fatal(err)
		}
		refused, _ = message.(*pgproto3.ErrorResponse)
		if rest, err := io.ReadAll(conn); err != nil || len(rest) > 0 {
			t.Errorf("after the error: %q, %v", rest, err)
		}
		return answers, refused
	}
	return answers, nil
}

// TestRepeatedRequests: each request for encryption is answered once; the next one is a protocol that the server does
// not speak, as PostgreSQL has it (ProcessStartupPacket).
func TestRepeatedRequests(t *testing.T) {
	t.Parallel()
	const ssl, gss = wire.SSLRequestCode, wire.GSSENCRequestCode
	s, _ := open(t, both(t), nil)
	for _, test := range []struct {
		codes   []uint32
		answers string
		message string
	}{
		{[]uint32{ssl, ssl}, "N", "unsupported frontend protocol 1234.5679: server supports 3.0 to 3.2"},
		{[]uint32{gss, gss}, "N", "unsupported frontend protocol 1234.5680: server supports 3.0 to 3.2"},
		{[]uint32{gss, ssl, gss}, "NN", "unsupported frontend protocol 1234.5680: server supports 3.0 to 3.2"},
		{[]uint32{ssl, gss, ssl}, "NN", "unsupported frontend protocol 1234.5679: server supports 3.0 to 3.2"},
		{[]uint32{ssl, gss}, "NN", ""},
	} {
		for _, unix := range []bool{true, false} {
			conn := dialRaw(t, s, unix)
			answers, refused := converse(t, conn, test.codes...)
			switch {
			case answers != test.answers:
				t.Errorf("%v: answers %q, want %q", test.codes, answers, test.answers)
			case test.message == "" && refused != nil, test.message != "" && refused == nil:
				t.Errorf("%v: %v, want %q", test.codes, refused, test.message)
			case refused != nil && (refused.Severity != "FATAL" || refused.Code != "0A000" || refused.Message != test.message):
				t.Errorf("%v: %s %s %q, want %q", test.codes, refused.Severity, refused.Code, refused.Message, test.message)
			}
			_ = conn.Close()
		}
	}
}

// TestRequestsInsideTLS: there is no second encryption inside the first.
func TestRequestsInsideTLS(t *testing.T) {
	t.Parallel()
	cfg, pool := tlsConfig(t)
	db := enginetest.Open(t, engine.Config{})
	s := serve(t, db, cfg)
	for _, code := range []uint32{wire.SSLRequestCode, wire.GSSENCRequestCode} {
		conn := insideTLS(t, s, pool)
		answers, refused := converse(t, conn, code)
		if answers != "" || refused == nil || refused.Code != "0A000" {
			t.Errorf("%d: %q, %v", code, answers, refused)
		}
		_ = conn.Close()
	}
}

func insideTLS(t *testing.T, s *server.Server, pool *x509.CertPool) net.Conn {
	t.Helper()
	raw := dialRaw(t, s, false)
	if answers, _ := converse(t, raw, wire.SSLRequestCode); answers != "S" {
		t.Fatalf("answer %q", answers)
	}
	conn := tls.Client(raw, &tls.Config{RootCAs: pool, ServerName: "127.0.0.1"})
	if err := conn.HandshakeContext(context.Background()); err != nil {
		t.Fatal(err)
	}
	return conn
}
