package cmd

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"
)

// TestSelfSigned: the certificate is made once, for localhost and its addresses, is the user's alone, and is made anew when it ends.
func TestSelfSigned(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "tls")
	now := time.Now()
	first, key, err := selfSigned(t.Context(), dir, now)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(key)
	if err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("the key: %v, %v", info, err)
	}
	pair, err := tls.LoadX509KeyPair(first.file, key)
	if err != nil {
		t.Fatal(err)
	}
	if use := x509.KeyUsageDigitalSignature; pair.Leaf.IsCA || pair.Leaf.KeyUsage != use {
		t.Errorf("it can sign others: authority %v, usage %b", pair.Leaf.IsCA, pair.Leaf.KeyUsage)
	}
	roots := x509.NewCertPool()
	roots.AddCert(pair.Leaf)
	for _, name := range []string{"localhost", "127.0.0.1", "::1"} {
		if _, err := pair.Leaf.Verify(x509.VerifyOptions{DNSName: name, Roots: roots}); err != nil {
			t.Errorf("verify-full of %s: %v", name, err)
		}
	}
	if again, _, err := selfSigned(t.Context(), dir, now); err != nil || again != first {
		t.Errorf("the second time: %v, %v, want %v", again, err, first)
	}
	if later, _, err := selfSigned(t.Context(), dir, now.Add(selfSignedTime)); err != nil || later.fingerprint == first.fingerprint {
		t.Errorf("after its time: %v, %v", later, err)
	}
	if err := os.WriteFile(key, []byte("nonsense"), 0o600); err != nil {
		t.Fatal(err)
	}
	if mended, _, err := selfSigned(t.Context(), dir, now); err != nil || mended.fingerprint == first.fingerprint {
		t.Errorf("after damage: %v, %v", mended, err)
	}
}

// TestSelfSignedAtOnce: whoever is first, all get the one certificate that belongs to the key.
func TestSelfSignedAtOnce(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "tls")
	now := time.Now()
	const many = 8
	type result struct {
		cert ownCertificate
		err  error
	}
	results := make(chan result)
	for range many {
		go func() {
			cert, _, err := selfSigned(t.Context(), dir, now)
			results <- result{cert, err}
		}()
	}
	first := <-results
	for range many - 1 {
		if next := <-results; next != first || next.err != nil {
			t.Errorf("got %+v and %+v", first, next)
		}
	}
	if again, _, err := selfSigned(t.Context(), dir, now); err != nil || again != first.cert {
		t.Errorf("afterwards %+v, %v, want %+v", again, err, first.cert)
	}
}

// TestSelfSignedAuthority: a certificate that can sign others is made anew.
func TestSelfSignedAuthority(t *testing.T) {
	t.Parallel()
	dir, now := t.TempDir(), time.Now()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template, err := selfSignedTemplate(now)
	if err != nil {
		t.Fatal(err)
	}
	template.IsCA, template.KeyUsage = true, x509.KeyUsageDigitalSignature|x509.KeyUsageCertSign
	if err := writeSelfSigned(filepath.Join(dir, "server.crt"), filepath.Join(dir, "server.key"), template, key); err != nil {
		t.Fatal(err)
	}
	cert, keyFile, err := selfSigned(t.Context(), dir, now)
	if err != nil {
		t.Fatal(err)
	}
	pair, err := tls.LoadX509KeyPair(cert.file, keyFile)
	if err != nil || pair.Leaf.IsCA || pair.Leaf.SerialNumber.Cmp(template.SerialNumber) == 0 {
		t.Errorf("got %v, %v", pair.Leaf, err)
	}
}
