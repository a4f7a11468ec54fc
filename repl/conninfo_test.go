package repl

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"net"
	"testing"
	"time"

	"github.com/pglite-toolbox/pglite/internal/wire"
)

// TestConninfoEncryption tells of a real TLS connection, also while \hex records it.
func TestConninfoEncryption(t *testing.T) {
	t.Parallel()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		a, b := net.Pipe()
		server := tls.Server(a, &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{certificate}, PrivateKey: key}}, MaxVersion: version, NextProtos: []string{"postgresql"}})
		client := tls.Client(b, &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"postgresql"}})
		done := make(chan error, 1)
		go func() { done <- server.Handshake() }()
		if err := client.Handshake(); err != nil {
			t.Fatal(err)
		}
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		got := map[string]string{}
		addEncryption(&wire.Conn{Conn: client}, func(name, value string) { got[name] = value })
		want := map[uint16]string{tls.VersionTLS12: "TLSv1.2", tls.VersionTLS13: "TLSv1.3"}[version]
		if got["SSL Connection"] != "true" || got["SSL Protocol"] != want || got["ALPN"] != "postgresql" || got["SSL Cipher"] == "" || len(got) != 7 {
			t.Errorf("got %v", got)
		}
		if bits := got["SSL Key Bits"]; bits != "128" && bits != "256" {
			t.Errorf("%s bits", bits)
		}
		_ = a.Close()
		_ = b.Close()
	}
	plain := ""
	addEncryption(&wire.Conn{}, func(name, value string) { plain += name + "=" + value })
	if plain != "SSL Connection=false" {
		t.Errorf("got %s", plain)
	}
}
