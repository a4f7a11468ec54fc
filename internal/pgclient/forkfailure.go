package pgclient

import (
	"bytes"
	"encoding/binary"
	"net"

	"github.com/jackc/pgx/v5/pgproto3"
)

// A server that cannot make a process for a session has none to speak the protocol: the postmaster itself sends an E
// and a text that ends in a zero byte (report_fork_failure_to_client in backend_startup.c and postmaster.c). libpq
// knows that form, pgx does not.

// longestError is what libpq takes for the longest ErrorResponse (MAX_ERRLEN); the first letters of a text are a larger
// number.
const longestError = 30000

// insufficientResources is the SQLSTATE of the class; the server has not said any.
const insufficientResources = "53000"

// answered reads such a text as the ErrorResponse that it stands for. All else passes as it is.
type answered struct {
	net.Conn
	begun bool
	ready []byte // to be read before anything else
}

// Read implements net.Conn.
func (c *answered) Read(b []byte) (int, error) {
	if !c.begun {
		c.begun = true
		if err := c.begin(); err != nil {
			return 0, err
		}
	}
	if len(c.ready) > 0 {
		n := copy(b, c.ready)
		c.ready = c.ready[n:]
		return n, nil
	}
	return c.Conn.Read(b)
}

// begin reads what the server says first.
func (c *answered) begin() error {
	const header = 5 // the type of a message and its length
	first := make([]byte, 512)
	n, err := c.Conn.Read(first)
	for ; err == nil && first[0] == 'E' && n < header; err = c.more(first, &n) {
	}
	c.ready = first[:n]
	if err != nil && n == 0 {
		return err
	}
	if n < header || first[0] != 'E' || binary.BigEndian.Uint32(first[1:]) <= longestError {
		return nil
	}
	for err == nil && n < len(first) && bytes.IndexByte(first[:n], 0) < 0 {
		err = c.more(first, &n)
	}
	text, _, _ := bytes.Cut(first[1:n], []byte{0})
	response := &pgproto3.ErrorResponse{
		Severity: "FATAL", SeverityUnlocalized: "FATAL", Code: insufficientResources, Message: string(bytes.TrimSpace(text)),
	}
	c.ready, err = response.Encode(nil)
	return err
}

// more reads more behind the first n bytes.
func (c *answered) more(b []byte, n *int) error {
	m, err := c.Conn.Read(b[*n:])
	*n += m
	return err
}
