package server

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"time"

	"github.com/pglite-toolbox/pglite/engine/internal/readahead"
	"github.com/pglite-toolbox/pglite/engine/internal/refusal"
	"github.com/pglite-toolbox/pglite/internal/wire"
)

// request is what the first bytes of a client are.
type request int

const (
	startup    request = iota // a startup packet, a CancelRequest or nonsense, which the server answers
	sslRequest                // SSLRequest
	gssRequest                // GSSENCRequest
	directTLS                 // TLS without a request
	headerSize = 8
)

// tlsHandshake is the first byte of a TLS connection, RFC 8446 section 5.1.
const tlsHandshake = 0x16

// classify returns what a header begins. Only requests of the exact length count as such.
func classify(header [headerSize]byte) request {
	if header[0] == tlsHandshake {
		return directTLS
	}
	if binary.BigEndian.Uint32(header[:]) != headerSize {
		return startup
	}
	switch binary.BigEndian.Uint32(header[4:]) {
	case wire.SSLRequestCode:
		return sslRequest
	case wire.GSSENCRequestCode:
		return gssRequest
	}
	return startup
}

// Why a client is refused before its startup packet.
var (
	errPlain             = errors.New("the client does not use TLS")
	errTooManyHandshakes = errors.New("too many clients do not send a startup packet")
	errClosing           = errors.New("the server is shutting down")
)

// earlyDataError means that a client did not wait for the answer to its request for encryption.
type earlyDataError struct{ reason refusal.Reason }

func (e *earlyDataError) Error() string { return e.reason.Message }

// negotiate reads a client up to the end of its startup packet, and removes the TLS. A client that sends none (a port
// scan, a health check, half a packet) costs no process. It has as long as the server gives it for authentication
// (https://www.postgresql.org/docs/18/runtime-config-connection.html#GUC-AUTHENTICATION-TIMEOUT), and less when too
// many handshakes are under way or the server stops.
func (s *Server) negotiate(l *listener, client net.Conn) (*readahead.Conn, error) {
	ctx, evict := context.WithCancelCause(s.handshaking)
	defer evict(nil)
	defer l.handshakes.begin(evict)()
	if err := client.SetDeadline(time.Now().Add(s.cfg.StartupTimeout)); err != nil {
		return nil, err
	}
	stay := context.AfterFunc(ctx, func() { _ = client.SetDeadline(time.Unix(1, 0)) })
	ready, err := s.negotiateEncryption(ctx, client)
	if !stay() {
		return nil, context.Cause(ctx)
	}
	if err != nil {
		return nil, err
	}
	return ready, client.SetDeadline(time.Time{})
}

// negotiateEncryption answers requests for encryption, at most one of each kind; the server refuses a repeated one. As
// in PostgreSQL, only TCP clients get TLS.
func (s *Server) negotiateEncryption(ctx context.Context, client net.Conn) (*readahead.Conn, error) {
	_, tcp := client.RemoteAddr().(*net.TCPAddr)
	var config *tls.Config
	if tcp {
		config = s.tlsConfig()
	}
	offered := config != nil
	var answered [][]byte
	for {
		header, early, err := readHeader(client)
		if err != nil {
			return nil, err
		}
		switch r := classify(header); {
		case r == directTLS && offered:
			return handshake(ctx, readahead.New(client, append(header[:], early...)), config, true)
		case r == sslRequest && offered:
			if _, err := client.Write([]byte{'S'}); err != nil {
				return nil, err
			}
			return handshake(ctx, readahead.New(client, early), config, false) // what came early has to be TLS
		case (r == sslRequest || r == gssRequest) && !contains(answered, header):
			answered = append(answered, header[:])
			if _, err := client.Write([]byte{'N'}); err != nil {
				return nil, err
			}
			if len(early) > 0 {
				return nil, earlyData(r)
			}
		case s.cfg.RequireTLS && tcp && !isCancel(header):
			return nil, errPlain
		case r == sslRequest || r == gssRequest:
			return repeating(readahead.New(client, early), answered, header), nil
		default:
			return startupPacket(client, header, early)
		}
	}
}

// readHeader reads the first bytes of a packet. early is a byte after them that is there already.
func readHeader(client io.Reader) (header [headerSize]byte, early []byte, err error) {
	var b [headerSize + 1]byte
	n, err := io.ReadAtLeast(client, b[:], headerSize)
	if err != nil {
		return header, nil, err
	}
	return [headerSize]byte(b[:headerSize]), b[headerSize:n], nil
}

// earlyData refuses a client whose next packet came together with a request for encryption. Somebody between the client
// and the server may have put it there (CVE-2021-23222, CVE-2021-23214), so PostgreSQL refuses it, too.
func earlyData(r request) error {
	if r == gssRequest {
		return &earlyDataError{refusal.DataAfterGSS}
	}
	return &earlyDataError{refusal.DataAfterSSL}
}

func contains(requests [][]byte, header [headerSize]byte) bool {
	return slices.ContainsFunc(requests, func(b []byte) bool { return bytes.Equal(b, header[:]) })
}

// repeating returns the connection of a client that has repeated a request.
func repeating(client net.Conn, answered [][]byte, header [headerSize]byte) *readahead.Conn {
	return readahead.New(newRepeats(client, answered, header[:]), answered[0])
}

// tlsClient is the plain side of a TLS connection.
type tlsClient struct {
	*tls.Conn
	certificate *x509.Certificate // the server's
}

// ServerCertificate returns the certificate that the client has got.
func (c *tlsClient) ServerCertificate() *x509.Certificate { return c.certificate }

// handshake does the TLS handshake. A direct client has to name the application protocol: without that, an attacker
// could redirect a client of another protocol to this server.
func handshake(ctx context.Context, client net.Conn, config *tls.Config, direct bool) (*readahead.Conn, error) {
	conn := &tlsClient{Conn: tls.Server(client, config)}
	if len(config.Certificates) == 1 {
		conn.certificate = config.Certificates[0].Leaf
	}
	if err := conn.HandshakeContext(ctx); err != nil {
		return nil, fmt.Errorf("TLS handshake: %w", err)
	}
	if direct && conn.ConnectionState().NegotiatedProtocol != alpn {
		return nil, fmt.Errorf("TLS handshake: the client did not ask for the application protocol %q", alpn)
	}
	var header [headerSize]byte
	if _, err := io.ReadFull(conn, header[:]); err != nil {
		return nil, err
	}
	// the server refuses either after the first
	if r := classify(header); !direct && (r == sslRequest || r == gssRequest) {
		return repeating(conn, [][]byte{header[:]}, header), nil
	}
	return startupPacket(conn, header, nil)
}

// isCancel reports whether a packet is a CancelRequest. libpq before version 17 sends it in plain text even if its
// session uses TLS, and PostgreSQL accepts that.
func isCancel(header [headerSize]byte) bool {
	length := binary.BigEndian.Uint32(header[:])
	return binary.BigEndian.Uint32(header[4:]) == wire.CancelRequestCode && length > headerSize &&
		length <= longestStartup
}

// longestStartup is MAX_STARTUP_PACKET_LENGTH.
const longestStartup = 10000

// startupPacket reads the rest of the startup packet, of which early was read already. If it is not one, the server
// answers.
func startupPacket(client net.Conn, header [headerSize]byte, early []byte) (*readahead.Conn, error) {
	length := binary.BigEndian.Uint32(header[:])
	if length < headerSize || length > longestStartup {
		length = headerSize
	}
	packet := append(header[:], early...)
	if have := uint32(len(packet)); have < length {
		packet = append(packet, make([]byte, length-have)...)
		if _, err := io.ReadFull(client, packet[have:]); err != nil {
			return nil, err
		}
	}
	return readahead.New(client, packet), nil
}

// cancels reports whether the client has begun with a CancelRequest.
func cancels(c *readahead.Conn) bool {
	first := c.First()
	return len(first) >= headerSize && isCancel([headerSize]byte(first[:headerSize]))
}
