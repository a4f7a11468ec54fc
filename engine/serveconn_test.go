package engine_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/internal/enginetest"
)

// shown is a *tls.Conn that tells the server's certificate.
type shown struct {
	*tls.Conn
	certificate *x509.Certificate
}

// ServerCertificate returns the certificate that the client has been shown.
func (c shown) ServerCertificate() *x509.Certificate { return c.certificate }

// selfSigned makes a certificate.
func selfSigned(t *testing.T) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}

// serveTLS takes TLS off one client, who asks for it by SSLRequest, and hands over what wrap makes of the connection.
func serveTLS(t *testing.T, db *engine.DB, pair tls.Certificate, wrap func(*tls.Conn) net.Conn) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	t.Cleanup(func() {
		_ = l.Close()
		if err := <-served; err != nil && !errors.Is(err, net.ErrClosed) {
			t.Errorf("serve: %v", err)
		}
	})
	go func() {
		client, err := l.Accept()
		if err == nil {
			_, err = io.ReadFull(client, make([]byte, 8))
		}
		if err == nil {
			_, err = client.Write([]byte{'S'})
		}
		if err != nil {
			served <- err
			return
		}
		conn := tls.Server(client, &tls.Config{Certificates: []tls.Certificate{pair}})
		if err = conn.Handshake(); err == nil {
			err = db.ServeConn(context.Background(), wrap(conn))
		}
		served <- err
	}()
	return l.Addr().String()
}

// TestServeConnOverTLS: the server offers channel binding when it knows the certificate that this needs, and only then.
func TestServeConnOverTLS(t *testing.T) {
	t.Parallel()
	dir := enginetest.DataDir(t)
	rules := "local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n"
	if err := os.WriteFile(filepath.Join(dir, "pg_hba.conf"), []byte(rules), 0o600); err != nil {
		t.Fatal(err)
	}
	db := enginetest.Open(t, engine.Config{DataDir: dir})
	enginetest.Exec(t, enginetest.Connect(t, db), "create role alice login password 'secret'")
	pair := selfSigned(t)
	for name, test := range map[string]struct {
		wrap    func(*tls.Conn) net.Conn
		binding string
		known   bool
	}{
		"without the certificate": {func(c *tls.Conn) net.Conn { return c }, "prefer", false},
		"with no certificate":     {func(c *tls.Conn) net.Conn { return shown{c, nil} }, "prefer", false},
		"with the certificate":    {func(c *tls.Conn) net.Conn { return shown{c, pair.Leaf} }, "require", true},
	} {
		t.Run(name, func(t *testing.T) {
			address := serveTLS(t, db, pair, test.wrap)
			config, err := pgx.ParseConfig("postgres://alice:secret@" + address + "/postgres?sslmode=require&channel_binding=" + test.binding)
			if err != nil {
				t.Fatal(err)
			}
			conn, err := pgx.ConnectConfig(context.Background(), config)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close(context.Background())
			known := enginetest.Get[bool](t, conn, "select ssl from pg_stat_ssl where pid = pg_backend_pid()")
			if known != test.known {
				t.Errorf("the server knows of TLS: %t, want %t", known, test.known)
			}
		})
	}
}
