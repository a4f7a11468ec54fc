// Package readahead hands on connections of which somebody has read the beginning.
package readahead

import "net"

// Conn is a connection some bytes of which have been read already: Read returns them first. One Read or First may run
// at a time; else it is as safe for concurrent use as the connection is.
type Conn struct {
	net.Conn
	first []byte
}

// New returns conn with the bytes that were read, which it keeps.
func New(conn net.Conn, first []byte) *Conn { return &Conn{conn, first} }

// First returns the bytes that come first, and have not been read again.
func (c *Conn) First() []byte { return c.first }

// NetConn returns the connection itself, as that of a [crypto/tls.Conn] does.
func (c *Conn) NetConn() net.Conn { return c.Conn }

// Read implements net.Conn.
func (c *Conn) Read(b []byte) (int, error) {
	if len(c.first) == 0 {
		return c.Conn.Read(b)
	}
	n := copy(b, c.first)
	c.first = c.first[n:]
	return n, nil
}

// CloseWrite ends the writing direction of a connection that has two.
func (c *Conn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}
