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
	"github.com/pglite-toolbox/pglite/internal/wire"
)

// request is what a client begins with.
type request int

const (
	startup    request = iota // or a cancel request, or nonsense: the server's to answer
	sslRequest                // SSLRequest
	gssRequest                // GSSENCRequest
	directTLS                 // TLS without asking
	headerSize = 8
)

// tlsHandshake is the first byte of a TLS connection, RFC 8446 section 5.1.
const tlsHandshake = 0x16

// classify tells what the first bytes of a client are. Only requests of the exact length are such.
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

// Why a client is turned away before it has said what it wants.
var (
	errPlain             = errors.New("the client does not use TLS")
	errTooManyHandshakes = errors.New("too many clients do not say what they want")
	errClosing           = errors.New("the server is shutting down")
)

// negotiate brings a client to where its startup packet has come, and takes TLS off. Who does not come so far (a port scan, a health
// check, half a packet) costs no process. The client has as long as the server gives it for authentication
// (https://www.postgresql.org/docs/18/runtime-config-connection.html#GUC-AUTHENTICATION-TIMEOUT), less when the entrance is crowded or
// the server stops.
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

// agree answers requests for encryption, at most one of each kind; one that is repeated is the server's to refuse. There is TLS over TCP
// only, as in PostgreSQL.
func (s *Server) negotiateEncryption(ctx context.Context, client net.Conn) (*readahead.Conn, error) {
	_, tcp := client.RemoteAddr().(*net.TCPAddr)
	var config *tls.Config
	if tcp {
		config = s.tlsConfig()
	}
	offered := config != nil
	var answered [][]byte
	for {
		var header [headerSize]byte
		if _, err := io.ReadFull(client, header[:]); err != nil {
			return nil, err
		}
		switch r := classify(header); {
		case r == directTLS && offered:
			return handshake(ctx, readahead.New(client, header[:]), config, true)
		case r == sslRequest && offered:
			if _, err := client.Write([]byte{'S'}); err != nil {
				return nil, err
			}
			return handshake(ctx, client, config, false)
		case (r == sslRequest || r == gssRequest) && !contains(answered, header):
			answered = append(answered, header[:])
			if _, err := client.Write([]byte{'N'}); err != nil {
				return nil, err
			}
		case s.cfg.RequireTLS && tcp && !isCancel(header):
			return nil, errPlain
		case r == sslRequest || r == gssRequest:
			return repeating(client, answered, header), nil
		default:
			return startupPacket(client, header)
		}
	}
}

func contains(requests [][]byte, header [headerSize]byte) bool {
	return slices.ContainsFunc(requests, func(b []byte) bool { return bytes.Equal(b, header[:]) })
}

// repeating returns a client that has repeated a request.
func repeating(client net.Conn, answered [][]byte, header [headerSize]byte) *readahead.Conn {
	return readahead.New(newRepeats(client, answered, header[:]), answered[0])
}

// tlsClient is a client whose TLS is taken off.
type tlsClient struct {
	*tls.Conn
	certificate *x509.Certificate // the server's
}

// ServerCertificate returns the certificate that the client has seen.
func (c *tlsClient) ServerCertificate() *x509.Certificate { return c.certificate }

// handshake takes TLS off. A client that did not ask has to name the protocol: else it could be one of another protocol that an
// attacker has led here.
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
	if r := classify(header); !direct && (r == sslRequest || r == gssRequest) { // the server refuses either after the first
		return repeating(conn, [][]byte{header[:]}, header), nil
	}
	return startupPacket(conn, header)
}

// isCancel reports whether a packet is a CancelRequest. libpq before version 17 sends it in plain text whatever its session uses, and
// PostgreSQL takes it so from anybody.
func isCancel(header [headerSize]byte) bool {
	length := binary.BigEndian.Uint32(header[:])
	return binary.BigEndian.Uint32(header[4:]) == wire.CancelRequestCode && length > headerSize && length <= longestStartup
}

// longestStartup is MAX_STARTUP_PACKET_LENGTH.
const longestStartup = 10000

// startupPacket reads the rest of the startup packet. What is none is left to the server to answer.
func startupPacket(client net.Conn, header [headerSize]byte) (*readahead.Conn, error) {
	length := binary.BigEndian.Uint32(header[:])
	if length < headerSize || length > longestStartup {
		length = headerSize
	}
	packet := append(make([]byte, 0, length), header[:]...)[:length]
	if _, err := io.ReadFull(client, packet[headerSize:]); err != nil {
		return nil, err
	}
	return readahead.New(client, packet), nil
}

// cancels reports whether the client has begun with a CancelRequest.
func cancels(c *readahead.Conn) bool {
	first := c.First()
	return len(first) >= headerSize && isCancel([headerSize]byte(first[:headerSize]))
}
