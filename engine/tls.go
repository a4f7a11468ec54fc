package engine

import (
	"crypto"
	_ "crypto/sha256" // of certificates' signatures
	_ "crypto/sha512"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync/atomic"

	"github.com/pglite-toolbox/pglite/engine/internal/kernel"
	"github.com/pglite-toolbox/pglite/engine/internal/x509name"
)

// TLSConfig returns what the server's parameters ssl, ssl_cert_file, ssl_key_file, ssl_ca_file,
// ssl_min_protocol_version and ssl_max_protocol_version say about the TLS of its clients: nil while ssl is off. The
// server takes no TLS off itself: who lets clients in does, and hands over connections that tell of it (see
// [DB.ServeConn]). With Config.OwnCertificate it has no certificate.
func (db *DB) TLSConfig() *tls.Config {
	own, err := db.server.own()
	if err != nil {
		return nil
	}
	return own.guest.tls.current.Load()
}

// tlsHost implements kernel.TLSHost.
type tlsHost struct {
	own     bool
	current atomic.Pointer[tls.Config] // never changed once it is here
}

func (h *tlsHost) OwnCertificate() bool { return h.own }

func (h *tlsHost) DisableTLS() { h.current.Store(nil) }

// protocolVersions are those of PostgreSQL's enum ssl_protocol_versions; the first means any.
var protocolVersions = [...]uint16{0, tls.VersionTLS10, tls.VersionTLS11, tls.VersionTLS12, tls.VersionTLS13}

func (h *tlsHost) ConfigureTLS(files kernel.TLSFiles) error {
	least, most := files.MinVersion, files.MaxVersion
	if least < 0 || most < 0 || int(least) >= len(protocolVersions) || int(most) >= len(protocolVersions) {
		return fmt.Errorf("unknown protocol versions %d and %d", least, most)
	}
	if most > 0 && least > most {
		return errors.New(`"ssl_min_protocol_version" cannot be higher than "ssl_max_protocol_version"`)
	}
	config := &tls.Config{
		MinVersion: max(protocolVersions[least], tls.VersionTLS10), MaxVersion: protocolVersions[most],
		SessionTicketsDisabled: true, // as in PostgreSQL
	}
	if !h.own {
		pair, err := tls.X509KeyPair([]byte(files.Certificate), []byte(files.Key))
		if err != nil {
			return explainKeyPair(files, err)
		}
		config.Certificates = []tls.Certificate{pair}
	}
	if files.Authorities != "" {
		config.ClientAuth, config.ClientCAs = tls.VerifyClientCertIfGiven, x509.NewCertPool()
		if !config.ClientCAs.AppendCertsFromPEM([]byte(files.Authorities)) {
			return errors.New(`the file of "ssl_ca_file" holds no certificate`)
		}
	}
	h.current.Store(config)
	return nil
}

// explainKeyPair says of an encrypted key that it is one.
func explainKeyPair(files kernel.TLSFiles, err error) error {
	if strings.Contains(files.Key, "ENCRYPTED") {
		return errors.New(`the private key of "ssl_key_file" is encrypted, and "ssl_passphrase_command" is not supported: ` +
			`store it without a passphrase`)
	}
	return fmt.Errorf(`the files of "ssl_cert_file" and "ssl_key_file": %w`, err)
}

// tlsOf returns what a client tells about its TLS, nil for one without. A client tells it by ConnectionState and
// ServerCertificate, or has one inside that does and gives it by NetConn.
//
// A client that does not tell the server's certificate is one without TLS, because PostgreSQL offers channel binding to
// every client with TLS, cannot do it without the certificate, and most clients choose what it offers.
func tlsOf(client net.Conn) (*kernel.TLS, error) {
	for client != nil {
		if c, ok := client.(tlsTeller); ok {
			return tell(c)
		}
		inner, ok := client.(interface{ NetConn() net.Conn })
		if !ok {
			return nil, nil
		}
		client = inner.NetConn()
	}
	return nil, nil
}

// tlsTeller is a client that tells all that the server wants to know about its TLS.
type tlsTeller interface {
	ConnectionState() tls.ConnectionState
	ServerCertificate() *x509.Certificate
}

func tell(c tlsTeller) (*kernel.TLS, error) {
	state := c.ConnectionState()
	if !state.HandshakeComplete {
		return nil, errors.New("a TLS client before the end of its handshake")
	}
	used := c.ServerCertificate()
	if used == nil {
		return nil, nil
	}
	return describeTLS(state, used)
}

// describeTLS tells the server about a client's TLS. used is the server's certificate.
func describeTLS(state tls.ConnectionState, used *x509.Certificate) (*kernel.TLS, error) {
	name, bits := cipherName(state.CipherSuite)
	t := &kernel.TLS{
		Version: strings.Replace(tls.VersionName(state.Version), "TLS ", "TLSv", 1), Cipher: name, Bits: bits,
		ALPN: state.NegotiatedProtocol, CertificateHash: certificateHash(used),
	}
	t.Version = strings.TrimSuffix(t.Version, ".0") // OpenSSL's TLSv1
	if len(state.PeerCertificates) == 0 || len(state.VerifiedChains) == 0 {
		return t, nil
	}
	peer := state.PeerCertificates[0]
	subject, err := x509name.Parse(peer.RawSubject)
	if err != nil {
		return nil, err
	}
	issuer, err := x509name.Parse(peer.RawIssuer)
	if err != nil {
		return nil, err
	}
	t.Subject, t.Issuer, t.DistinguishedName = subject.Slashes(), issuer.Slashes(), subject.RFC2253()
	t.Serial = peer.SerialNumber.String()
	t.CommonName, _ = subject.CommonName()
	if strings.Contains(t.CommonName, "\x00") || strings.Contains(t.DistinguishedName, "\x00") {
		return nil, errors.New("the client's certificate has a name with a NUL in it") // CVE-2009-4034
	}
	return t, nil
}

// certificateHash is the channel binding of RFC 5929, section 4.1; nil where the certificate's signature has no hash of
// its own.
func certificateHash(c *x509.Certificate) []byte {
	var hash crypto.Hash
	switch c.SignatureAlgorithm {
	case x509.MD5WithRSA, x509.SHA1WithRSA, x509.ECDSAWithSHA1, x509.DSAWithSHA1,
		x509.SHA256WithRSA, x509.SHA256WithRSAPSS, x509.ECDSAWithSHA256, x509.DSAWithSHA256:
		hash = crypto.SHA256
	case x509.SHA384WithRSA, x509.SHA384WithRSAPSS, x509.ECDSAWithSHA384:
		hash = crypto.SHA384
	case x509.SHA512WithRSA, x509.SHA512WithRSAPSS, x509.ECDSAWithSHA512:
		hash = crypto.SHA512
	default:
		return nil
	}
	h := hash.New()
	h.Write(c.Raw)
	return h.Sum(nil)
}

// cipherNames are OpenSSL's for the suites of crypto/tls before TLS 1.3.
var cipherNames = map[uint16]string{
	tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256:       "ECDHE-ECDSA-AES128-GCM-SHA256",
	tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256:         "ECDHE-RSA-AES128-GCM-SHA256",
	tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384:       "ECDHE-ECDSA-AES256-GCM-SHA384",
	tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384:         "ECDHE-RSA-AES256-GCM-SHA384",
	tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256: "ECDHE-ECDSA-CHACHA20-POLY1305",
	tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256:   "ECDHE-RSA-CHACHA20-POLY1305",
	tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA:          "ECDHE-ECDSA-AES128-SHA",
	tls.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA:            "ECDHE-RSA-AES128-SHA",
	tls.TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA:          "ECDHE-ECDSA-AES256-SHA",
	tls.TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA:            "ECDHE-RSA-AES256-SHA",
	tls.TLS_RSA_WITH_AES_128_GCM_SHA256:               "AES128-GCM-SHA256",
	tls.TLS_RSA_WITH_AES_256_GCM_SHA384:               "AES256-GCM-SHA384",
	tls.TLS_RSA_WITH_AES_128_CBC_SHA:                  "AES128-SHA",
	tls.TLS_RSA_WITH_AES_256_CBC_SHA:                  "AES256-SHA",
}

// cipherName returns OpenSSL's name of a cipher suite, which for TLS 1.3 is the standard's, and the length of its key.
func cipherName(suite uint16) (name string, bits int) {
	name = tls.CipherSuiteName(suite)
	bits = 128
	if strings.Contains(name, "AES_256") || strings.Contains(name, "CHACHA20") {
		bits = 256
	}
	if n, ok := cipherNames[suite]; ok {
		name = n
	}
	return name, bits
}
