package server

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"sync/atomic"
)

// certificate is the certificate of the Config. The zero value means none.
type certificate struct {
	certFile, keyFile string
	current           atomic.Pointer[tls.Certificate]
	config            *tls.Config
}

// alpn is the protocol's name in TLS (https://www.postgresql.org/docs/18/protocol-flow.html#PROTOCOL-FLOW-SSL).
const alpn = "postgresql"

// load reads the files for the first time.
func (c *certificate) load(certFile, keyFile string) error {
	if certFile == "" && keyFile == "" {
		return nil
	}
	if certFile == "" || keyFile == "" {
		return errors.New("TLS needs both a certificate and a key")
	}
	c.certFile, c.keyFile = certFile, keyFile
	if err := c.reload(); err != nil {
		return err
	}
	c.config = &tls.Config{MinVersion: tls.VersionTLS12, SessionTicketsDisabled: true} // as PostgreSQL's defaults
	return nil
}

// tlsConfig returns the TLS configuration for new clients: with the certificate of the Config, else with that of the
// server's parameters. It is nil if there is neither.
func (s *Server) tlsConfig() *tls.Config {
	config := s.certificate.config
	if cluster := s.cluster.Load(); cluster != nil {
		if c := (*cluster).TLSConfig(); c != nil {
			config = c
		}
	}
	if config == nil {
		return nil
	}
	config = config.Clone()
	config.NextProtos = []string{alpn}
	if own := s.certificate.current.Load(); own != nil {
		config.Certificates = []tls.Certificate{*own}
	}
	return config
}

// reload reads the files again. If that fails, the certificate stays as it was.
func (c *certificate) reload() error {
	if c.certFile == "" {
		return nil
	}
	if err := checkKeyFile(c.keyFile); err != nil {
		return err
	}
	pair, err := tls.LoadX509KeyPair(c.certFile, c.keyFile)
	if err != nil {
		return fmt.Errorf("TLS certificate %q and key %q: %w", c.certFile, c.keyFile, err)
	}
	c.current.Store(&pair)
	return nil
}

// checkKeyFile refuses a key that everybody can read, as PostgreSQL does.
func checkKeyFile(name string) error {
	info, err := os.Stat(name)
	if err != nil {
		return fmt.Errorf("TLS key: %w", err)
	}
	const others fs.FileMode = 0o007
	if runtime.GOOS != "windows" && info.Mode().Perm()&others != 0 {
		return fmt.Errorf("TLS key %q can be read by everybody: chmod 600 it", name)
	}
	return nil
}
