package server_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/pglite-toolbox/pglite/engine/server"
	"github.com/pglite-toolbox/pglite/internal/enginetest"
)

func tlsConfig(t *testing.T) (server.Config, *x509.CertPool) {
	t.Helper()
	cfg := both(t)
	dir := t.TempDir()
	cfg.CertFile, cfg.KeyFile = filepath.Join(dir, "server.crt"), filepath.Join(dir, "server.key")
	return cfg, writeCertificate(t, cfg, 1)
}

func TestTLS(t *testing.T) {
	t.Parallel()
	cfg, pool := tlsConfig(t)
	s, db := open(t, cfg, nil)
	verified := func() (*pgx.Conn, error) {
		c, err := pgx.ParseConfig(uri(t, s, false) + "?sslmode=require")
		if err != nil {
			t.Fatal(err)
		}
		c.TLSConfig = &tls.Config{RootCAs: pool, ServerName: "127.0.0.1"}
		return pgx.ConnectConfig(context.Background(), c)
	}
	conn, err := verified()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if n := enginetest.Get[int](t, conn, "select length(repeat('x', 1000000))"); n != 1000000 {
		t.Errorf("got %d", n)
	}
	if got := enginetest.Get[string](t, conn, "select repeat('x', 300000)"); len(got) != 300000 {
		t.Errorf("got %d bytes", len(got))
	}
	if got := enginetest.Get[string](t, conn, "select host(inet_client_addr())"); got != "127.0.0.1" {
		t.Errorf("client address %q", got)
	}

	t.Run("reload", func(t *testing.T) {
		renewed := writeCertificate(t, cfg, 2)
		if err := s.Reload(context.Background(), db); err != nil {
			t.Fatal(err)
		}
		if conn, err := verified(); err == nil {
			_ = conn.Close(context.Background())
			t.Error("the certificate is still the one before")
		}
		pool = renewed
		conn, err := verified()
		if err != nil {
			t.Fatal(err)
		}
		_ = conn.Close(context.Background())
		if err := os.WriteFile(cfg.CertFile, []byte("nonsense"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := s.Reload(context.Background(), db); err == nil {
			t.Error("a certificate that is none was loaded")
		}
		if conn, err = verified(); err != nil {
			t.Errorf("the certificate before a failed reload is gone: %v", err)
		} else {
			_ = conn.Close(context.Background())
		}
	})

	t.Run("direct", func(t *testing.T) {
		for _, protocols := range [][]string{{"postgresql"}, {"http/1.1", "postgresql"}, {"http/1.1"}, nil} {
			conn := tls.Client(dialRaw(t, s, false), &tls.Config{RootCAs: pool, ServerName: "127.0.0.1", NextProtos: protocols})
			_ = conn.SetDeadline(time.Now().Add(enginetest.Patience))
			err := conn.Handshake()
			if err == nil {
				f := pgproto3.NewFrontend(conn, conn)
				f.Send(&pgproto3.StartupMessage{ProtocolVersion: pgproto3.ProtocolVersion30, Parameters: map[string]string{"user": "postgres"}})
				if err = f.Flush(); err == nil {
					_, err = f.Receive()
				}
			}
			want := strings.Contains(strings.Join(protocols, " "), "postgresql")
			if (err == nil) != want {
				t.Errorf("protocols %v: %v, want a session %t", protocols, err, want)
			}
		}
	})

	t.Run("gss before tls", func(t *testing.T) {
		conn := dialRaw(t, s, false)
		_ = conn.SetDeadline(time.Now().Add(enginetest.Patience))
		ask(t, conn, 80877104, 'N')
		ask(t, conn, 80877103, 'S')
		secure := tls.Client(conn, &tls.Config{RootCAs: pool, ServerName: "127.0.0.1"})
		rawSession(t, secure)
	})

	t.Run("plain", func(t *testing.T) {
		connect(t, uri(t, s, false)+"?sslmode=disable")
		connect(t, uri(t, s, true))
	})

	t.Run("bytes before the handshake", func(t *testing.T) {
		conn := dialRaw(t, s, false)
		_ = conn.SetDeadline(time.Now().Add(enginetest.Patience))
		_, _ = conn.Write(append(request(80877103), "Q\x00\x00\x00\x0dselect 1\x00"...)) // must not be taken for the inside of TLS
		answer, _ := io.ReadAll(conn)
		if len(answer) == 0 || answer[0] != 'S' || len(answer) > 1 && answer[1] != 21 { // 21 is an alert
			t.Errorf("got %q", answer)
		}
	})
}

func request(code uint32) []byte {
	return []byte{0, 0, 0, 8, byte(code >> 24), byte(code >> 16), byte(code >> 8), byte(code)}
}

// ask sends a request for encryption and checks the answer.
func ask(t *testing.T, conn net.Conn, code uint32, want byte) {
	t.Helper()
	if _, err := conn.Write(request(code)); err != nil {
		t.Fatal(err)
	}
	var answer [1]byte
	if _, err := io.ReadFull(conn, answer[:]); err != nil || answer[0] != want {
		t.Fatalf("request %d: got %q, %v, want %q", code, answer, err, want)
	}
}

func TestRequireTLS(t *testing.T) {
	t.Parallel()
	cfg, _ := tlsConfig(t)
	cfg.RequireTLS = true
	s, _ := open(t, cfg, nil)
	connect(t, uri(t, s, false)+"?sslmode=require")
	connect(t, uri(t, s, true))
	_, err := pgx.Connect(context.Background(), uri(t, s, false)+"?sslmode=disable")
	if err == nil || !strings.Contains(err.Error(), "28000") {
		t.Errorf("got %v, want SQLSTATE 28000", err)
	}
}

// libpq before version 17 cancels in plain text.
func TestRequireTLSLetsPlainCancelsIn(t *testing.T) {
	t.Parallel()
	cfg, _ := tlsConfig(t)
	cfg.RequireTLS = true
	s, db := open(t, cfg, nil)
	conn := connect(t, uri(t, s, false)+"?sslmode=require")
	ended := runEndless(conn)
	waitFor(t, enginetest.Connect(t, db), activeEndless)
	key := conn.PgConn().SecretKey()
	request := binary.BigEndian.AppendUint32(nil, uint32(12+len(key)))
	request = binary.BigEndian.AppendUint32(request, 80877102)
	request = binary.BigEndian.AppendUint32(request, conn.PgConn().PID())
	plain := dialRaw(t, s, false)
	write(plain, append(request, key...))
	drain(plain)
	var pgErr *pgconn.PgError
	if err := <-ended; !errors.As(err, &pgErr) || pgErr.Code != "57014" {
		t.Errorf("got %v, want query_canceled", err)
	}
}

func TestWithoutTLS(t *testing.T) {
	t.Parallel()
	s, _ := open(t, both(t), nil)
	for _, unix := range []bool{true, false} {
		conn := dialRaw(t, s, unix)
		_ = conn.SetDeadline(time.Now().Add(enginetest.Patience))
		ask(t, conn, 80877104, 'N')
		ask(t, conn, 80877103, 'N')
		rawSession(t, conn)
	}
}

func TestKeyFileMode(t *testing.T) {
	t.Parallel()
	cfg, _ := tlsConfig(t)
	if err := os.Chmod(cfg.KeyFile, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := server.Listen(cfg); err == nil || !strings.Contains(err.Error(), "chmod 600") {
		t.Errorf("got %v", err)
	}
}
