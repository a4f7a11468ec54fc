package main

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// serve starts pglite on a fresh cluster in dir. stop shuts it down.
func serve(ctx context.Context, pglite, dir string) (t target, stop func() error, err error) {
	data := filepath.Join(dir, "data")
	t = target{SocketDir: filepath.Join(dir, "socket"), Role: scramRole, Password: scramPassword, CA: filepath.Join(dir, "server.crt"), DataDir: data, Pglite: pglite}
	key := filepath.Join(dir, "server.key")
	if err := errors.Join(os.Mkdir(t.SocketDir, 0o700), writeCertificate(t.CA, key)); err != nil {
		return t, nil, err
	}
	if out, err := exec.CommandContext(ctx, pglite, "init", data).CombinedOutput(); err != nil {
		return t, nil, fmt.Errorf("init: %w: %s", err, out)
	}
	if err := os.WriteFile(filepath.Join(data, "pg_hba.conf"), []byte(hba), 0o600); err != nil {
		return t, nil, err
	}
	log, err := os.Create(filepath.Join(dir, "server.log"))
	if err != nil {
		return t, nil, err
	}
	cmd := exec.Command(pglite, "-D", data, "serve", "--socket-dir", t.SocketDir, "--tcp", "0", "--tls-cert", t.CA, "--tls-key", key, "--print-uri")
	cmd.Stderr = log
	out, err := cmd.StdoutPipe()
	if err != nil {
		return t, nil, err
	}
	if err := cmd.Start(); err != nil {
		return t, nil, err
	}
	stop = func() error {
		_ = cmd.Process.Signal(os.Interrupt)
		return cmd.Wait()
	}
	if err := t.learn(bufio.NewScanner(out)); err != nil {
		text, _ := os.ReadFile(log.Name())
		return t, nil, fmt.Errorf("%w: %s", errors.Join(err, stop()), text)
	}
	if out, err := exec.CommandContext(ctx, pglite, "-D", data, "exec", "-q", setup).CombinedOutput(); err != nil {
		return t, nil, fmt.Errorf("set up: %w: %s", errors.Join(err, stop()), out)
	}
	return t, stop, nil
}

// learn reads the URIs that serve prints when it is ready, which are also what it gives a command as DATABASE_URL.
func (t *target) learn(lines *bufio.Scanner) error {
	for range 2 {
		if !lines.Scan() {
			return errors.New("the server did not start")
		}
		u, err := url.Parse(lines.Text())
		if err != nil {
			return err
		}
		if u.Port() == "" {
			t.UnixURL = lines.Text()
			continue
		}
		t.TCPURL, t.Host = lines.Text(), u.Hostname()
		if t.Port, err = strconv.Atoi(u.Port()); err != nil {
			return err
		}
	}
	if t.UnixURL == "" || t.TCPURL == "" {
		return errors.New("the server does not listen on both a Unix-domain socket and a TCP address")
	}
	return nil
}

// writeCertificate makes a certificate for 127.0.0.1 that is its own authority.
func writeCertificate(certFile, keyFile string) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "127.0.0.1"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		DNSNames: []string{"localhost"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return err
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	return errors.Join(
		os.WriteFile(certFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600),
		os.WriteFile(keyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER}), 0o600),
	)
}

// serverVersion asks for PostgreSQL's version.
func serverVersion(ctx context.Context, t target) (string, error) {
	out, err := exec.CommandContext(ctx, t.Pglite, "-D", t.DataDir, "exec", "-At", "show server_version").Output()
	return strings.TrimSpace(string(out)), err
}
