package cmd

import (
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
	first, key, err := selfSigned(dir, now)
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
	roots := x509.NewCertPool()
	roots.AddCert(pair.Leaf)
	for _, name := range []string{"localhost", "127.0.0.1", "::1"} {
		if _, err := pair.Leaf.Verify(x509.VerifyOptions{DNSName: name, Roots: roots}); err != nil {
			t.Errorf("verify-full of %s: %v", name, err)
		}
	}
	if again, _, err := selfSigned(dir, now); err != nil || again != first {
		t.Errorf("the second time: %v, %v, want %v", again, err, first)
	}
	if later, _, err := selfSigned(dir, now.Add(selfSignedTime)); err != nil || later.fingerprint == first.fingerprint {
		t.Errorf("after its time: %v, %v", later, err)
	}
	if err := os.WriteFile(key, []byte("nonsense"), 0o600); err != nil {
		t.Fatal(err)
	}
	if mended, _, err := selfSigned(dir, now); err != nil || mended.fingerprint == first.fingerprint {
		t.Errorf("after damage: %v, %v", mended, err)
	}
}
