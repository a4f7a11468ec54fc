// Package refusal turns clients away that get no session.
package refusal

import (
	"net"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"
)

// SQLSTATEs of refusals (https://www.postgresql.org/docs/18/errcodes-appendix.html).
const (
	InvalidAuthorization = "28000"
	TooManyConnections   = "53300"
	CannotConnectNow     = "57P03"
)

// patience is how long a refusal may take altogether.
const patience = time.Second

// Send tells a client why it is turned away, the way a server does before authentication
// (https://www.postgresql.org/docs/18/protocol-flow.html#PROTOCOL-FLOW-START-UP), and closes the connection. It takes a second at most.
// What the client goes on to say meanwhile is read and dropped: closing with bytes unread would take the answer back.
func Send(client net.Conn, code, message string) {
	defer client.Close()
	if write(client, code, message) != nil {
		return
	}
	if c, ok := client.(interface{ CloseWrite() error }); ok {
		_ = c.CloseWrite()
	}
	dropped := make([]byte, 1<<10)
	for {
		if _, err := client.Read(dropped); err != nil {
			return
		}
	}
}

// SendBriefly is Send without any regard to what the client may go on to say: one that does may not hear the answer.
func SendBriefly(client net.Conn, code, message string) {
	defer client.Close()
	_ = write(client, code, message)
}

func write(client net.Conn, code, message string) error {
	response := &pgproto3.ErrorResponse{Severity: "FATAL", SeverityUnlocalized: "FATAL", Code: code, Message: message}
	b, err := response.Encode(nil)
	if err != nil {
		return err
	}
	_ = client.SetDeadline(time.Now().Add(patience))
	_, err = client.Write(b)
	return err
}
