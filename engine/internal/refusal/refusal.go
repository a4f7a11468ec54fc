// Package refusal tells clients that they get no session.
package refusal

import (
	"net"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"
)

// Reason is what the client of a refused connection reads. Code is an SQLSTATE
// (https://www.postgresql.org/docs/18/errcodes-appendix.html).
type Reason struct{ Code, Message, Detail string }

// The reasons, in PostgreSQL's words where it has them.
var (
	TooManyClients = Reason{Code: "53300", Message: "sorry, too many clients already"}
	ShuttingDown   = Reason{Code: "57P03", Message: "the database system is shutting down"}
	NotAccepting   = Reason{Code: "57P03", Message: "the database system is not accepting connections"}
	TLSRequired    = Reason{Code: "28000", Message: "this server takes TLS connections only"}
	DataAfterSSL   = earlyData("SSL request")
	DataAfterGSS   = earlyData("GSSAPI encryption request")
)

func earlyData(request string) Reason {
	const detail = "This could be either a client-software bug or evidence of an attempted man-in-the-middle attack."
	return Reason{Code: "08P01", Message: "received unencrypted data after " + request, Detail: detail}
}

// patience limits a refusal.
const patience = time.Second

// Send sends the reason as a server does before authentication
// (https://www.postgresql.org/docs/18/protocol-flow.html#PROTOCOL-FLOW-START-UP), and closes the connection. It takes a
// second at most. It reads and drops what the client sends meanwhile: closing with bytes unread would discard the
// answer.
func Send(client net.Conn, why Reason) {
	defer client.Close()
	if write(client, why) != nil {
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

// SendBriefly is Send without the reading: a client that goes on to send may lose the answer.
func SendBriefly(client net.Conn, why Reason) {
	defer client.Close()
	_ = write(client, why)
}

func write(client net.Conn, why Reason) error {
	response := &pgproto3.ErrorResponse{
		Severity: "FATAL", SeverityUnlocalized: "FATAL", Code: why.Code, Message: why.Message, Detail: why.Detail,
	}
	b, err := response.Encode(nil)
	if err != nil {
		return err
	}
	_ = client.SetDeadline(time.Now().Add(patience))
	_, err = client.Write(b)
	return err
}
