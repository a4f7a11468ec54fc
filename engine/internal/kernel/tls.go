package kernel

import (
	"net/netip"

	"github.com/pglite-toolbox/pglite/engine/internal/errno"
)

// Client is who connects from outside the guest. The zero value is a Unix-domain client.
type Client struct {
	Local, Remote Address // the address that was connected to, and the client's own
	TLS           *TLS    // nil for a connection without TLS
}

// TLS is what the host knows of a connection whose TLS it takes off. The texts are as OpenSSL writes them, those of the
// client's certificate empty when there is none.
type TLS struct {
	Version, Cipher string
	Bits            int    // of the cipher's key
	ALPN            string // the application protocol that both sides agreed on
	CertificateHash []byte // of the server's certificate: RFC 5929, tls-server-end-point

	Subject, Issuer   string // /C=…/CN=…
	Serial            string
	CommonName        string
	DistinguishedName string // RFC 2253
}

// TLSFiles are the contents of ssl_cert_file, ssl_key_file and ssl_ca_file, empty where there is none, and the versions
// that are allowed, as numbers of PostgreSQL's enum ssl_protocol_versions.
type TLSFiles struct {
	Certificate, Key, Authorities string
	MinVersion, MaxVersion        int32
}

// TLSHost is who takes TLS off.
type TLSHost interface {
	// OwnCertificate reports whether the host has a certificate, and does not need the guest's.
	OwnCertificate() bool
	// ConfigureTLS is told of the guest's configuration, as ssl = on has it, at the start and at each reload.
	ConfigureTLS(TLSFiles) error
	// DisableTLS is told of ssl = off at a reload.
	DisableTLS()
}

// TLSHost returns who takes TLS off, nil for nobody.
func (k *Kernel) TLSHost() TLSHost { return k.cfg.TLS }

// TLS returns what is known of a socket's TLS; it fails with ENOTCONN when it has none.
func (p *Process) TLS(fd int32) (*TLS, error) {
	s, _, err := p.socket(fd)
	if err != nil {
		return nil, err
	}
	if s.tls == nil {
		return nil, errno.ENOTCONN
	}
	return s.tls, nil
}

// Interfaces returns the addresses of the host's network interfaces with the lengths of their networks.
func (k *Kernel) Interfaces() ([]netip.Prefix, error) {
	if k.cfg.Interfaces == nil {
		return nil, nil
	}
	return k.cfg.Interfaces()
}
