package cmd

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/pglite-toolbox/pglite/engine/server"
	"github.com/pglite-toolbox/pglite/install"
	"github.com/pglite-toolbox/pglite/internal/cachedir"
	"github.com/pglite-toolbox/pglite/internal/filelock"
)

// How long a certificate of our own is good for, and how long at least when it is used. Some systems refuse ones of more than 825 days.
const (
	selfSignedTime = 825 * 24 * time.Hour
	selfSignedLeft = 24 * time.Hour
)

// useSelfSigned gives the listener the user's own certificate, which is made on first use, and tells how clients can know it.
func useSelfSigned(ctx context.Context, door *server.Config, log *slog.Logger) error {
	if door.CertFile != "" || door.KeyFile != "" {
		return &usageError{"serve", "--tls-self-signed makes a certificate: leave --tls-cert and --tls-key out"}
	}
	paths, err := install.Default()
	if err != nil {
		return fmt.Errorf("a directory for the certificate: %w", err)
	}
	dir := filepath.Join(paths.Root, "tls")
	cert, key, err := selfSigned(ctx, dir, time.Now())
	if err != nil {
		return fmt.Errorf("a certificate of our own in %q: %w", dir, err)
	}
	door.CertFile, door.KeyFile = cert.file, key
	log.Info("TLS with a certificate of our own: sslmode=verify-full knows it by sslrootcert", "sslrootcert", cert.file, "SHA-256", cert.fingerprint)
	return nil
}

// ownCertificate is a certificate and where it is.
type ownCertificate struct{ file, fingerprint string }

// selfSigned returns the certificate and the key's file in dir; it makes them when they are not there or no longer good. Of several
// processes that want them at once one makes them and the others wait.
func selfSigned(ctx context.Context, dir string, now time.Time) (cert ownCertificate, keyFile string, err error) {
	cert.file, keyFile = filepath.Join(dir, "server.crt"), filepath.Join(dir, "server.key")
	leaf, err := loadSelfSigned(cert.file, keyFile, now)
	if err != nil {
		unlock, err := lockSelfSigned(ctx, dir)
		if err != nil {
			return cert, "", err
		}
		defer unlock()
		if leaf, err = loadSelfSigned(cert.file, keyFile, now); err != nil { // nobody has made them meanwhile
			if err := makeSelfSigned(cert.file, keyFile, now); err != nil {
				return cert, "", err
			}
			if leaf, err = loadSelfSigned(cert.file, keyFile, now); err != nil {
				return cert, "", err
			}
		}
	}
	cert.fingerprint = certificateFingerprint(leaf.Raw)
	return cert, keyFile, nil
}

// loadSelfSigned returns the certificate if it is good for a while and for nothing but this server: who trusts one that can sign others
// trusts its key for every name.
func loadSelfSigned(certFile, keyFile string, now time.Time) (*x509.Certificate, error) {
	pair, err := tls.LoadX509KeyPair(certFile, keyFile)
	switch {
	case err != nil:
		return nil, err
	case now.Add(selfSignedLeft).After(pair.Leaf.NotAfter):
		return nil, errors.New("the certificate ends")
	case pair.Leaf.IsCA:
		return nil, errors.New("the certificate is an authority's")
	}
	return pair.Leaf, nil
}

// lockSelfSigned makes dir and waits for the right to make the certificate. Where files cannot be locked it goes on without.
func lockSelfSigned(ctx context.Context, dir string) (unlock func(), err error) {
	const pause = 20 * time.Millisecond
	if err := cachedir.MakeAll(dir); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(filepath.Join(dir, ".lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	for {
		switch err := filelock.TryLock(f); {
		case err == nil, errors.Is(err, filelock.ErrUnsupported):
			return func() { _ = f.Close() }, nil
		case !errors.Is(err, filelock.ErrBusy):
			_ = f.Close()
			return nil, err
		}
		select {
		case <-ctx.Done():
			_ = f.Close()
			return nil, ctx.Err()
		case <-time.After(pause):
		}
	}
}

// certificateFingerprint is how openssl x509 -fingerprint -sha256 shows a certificate.
func certificateFingerprint(der []byte) string {
	sum := sha256.Sum256(der)
	return strings.ReplaceAll(strings.ToUpper(fmt.Sprintf("% x", sum[:])), " ", ":")
}

// makeSelfSigned makes both files; the caller holds the lock.
func makeSelfSigned(certFile, keyFile string, now time.Time) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	template, err := selfSignedTemplate(now)
	if err != nil {
		return err
	}
	return writeSelfSigned(certFile, keyFile, template, key)
}

func writeSelfSigned(certFile, keyFile string, template *x509.Certificate, key *ecdsa.PrivateKey) error {
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return err
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	if err := replacePEM(keyFile, "PRIVATE KEY", keyDER); err != nil {
		return err
	}
	return replacePEM(certFile, "CERTIFICATE", der)
}

// selfSignedTemplate names this machine: localhost, its name and its addresses.
func selfSignedTemplate(now time.Time) (*x509.Certificate, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: "localhost", Organization: []string{"pglite"}},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(selfSignedTime),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true, // and no authority: it can be trusted for its names alone
		DNSNames:              []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
	}
	if name, err := os.Hostname(); err == nil && name != "" && name != "localhost" {
		template.DNSNames = append(template.DNSNames, name)
	}
	addresses, _ := net.InterfaceAddrs() // without them the names are still right
	for _, a := range addresses {
		if network, ok := a.(*net.IPNet); ok && !network.IP.IsLoopback() {
			template.IPAddresses = append(template.IPAddresses, network.IP)
		}
	}
	return template, nil
}

// replacePEM writes a file of the user's alone, whole or not at all.
func replacePEM(name, kind string, der []byte) error {
	f, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+"-") // 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	err = pem.Encode(f, &pem.Block{Type: kind, Bytes: der})
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}
