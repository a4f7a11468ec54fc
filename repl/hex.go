package repl

import (
	"bufio"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5/pgproto3"
)

// HexMode says whether the wire exchange of statements is shown: \hex.
type HexMode int

// The modes.
const (
	HexOff  HexMode = iota // results
	HexOn                  // the exchange in place of results
	HexBoth                // the results, and the exchange after them
)

// recorder is a connection that keeps a copy of what passes while it is asked to.
type recorder struct {
	net.Conn
	mu     sync.Mutex
	on     bool
	passed []passage
}

// passage is a piece of the exchange.
type passage struct {
	sent bool
	data []byte
}

// record puts a recorder around the connection of the session. Nothing may be left unread in its Frontend.
func (s *Session) record() *recorder {
	if r, ok := s.Conn.(*recorder); ok {
		return r
	}
	r := &recorder{Conn: s.Conn}
	s.Conn, s.Frontend = r, pgproto3.NewFrontend(r, r)
	return r
}

func (r *recorder) Read(p []byte) (int, error) {
	n, err := r.Conn.Read(p)
	r.keep(false, p[:n])
	return n, err
}

func (r *recorder) Write(p []byte) (int, error) {
	n, err := r.Conn.Write(p)
	r.keep(true, p[:n])
	return n, err
}

func (r *recorder) keep(sent bool, data []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.on || len(data) == 0 {
		return
	}
	if last := len(r.passed) - 1; last >= 0 && r.passed[last].sent == sent {
		r.passed[last].data = append(r.passed[last].data, data...)
		return
	}
	r.passed = append(r.passed, passage{sent, append([]byte{}, data...)})
}

// set starts or ends recording and returns what was recorded.
func (r *recorder) set(on bool) []passage {
	r.mu.Lock()
	defer r.mu.Unlock()
	passed := r.passed
	r.on, r.passed = on, nil
	return passed
}

// tap records the exchange when \hex asks for it, and returns what shows the record.
func (s *Session) tap(x *exchange, h how) (end func()) {
	if s.Hex == HexOff || h.internal {
		return func() {}
	}
	r := s.record()
	r.set(true)
	if s.Hex == HexOn {
		x.newPrinter, x.silent = discardResult, true
	}
	return func() {
		s.Out.Flush()
		writeExchange(s.Out, r.set(false))
		s.Out.Flush()
	}
}

// writeExchange writes messages with their names and bytes.
func writeExchange(w *bufio.Writer, passed []passage) {
	rest := map[bool][]byte{}
	for _, p := range passed {
		data := append(rest[p.sent], p.data...)
		for len(data) >= 5 {
			size := 1 + int(binary.BigEndian.Uint32(data[1:]))
			if size > len(data) {
				break
			}
			writeMessage(w, p.sent, data[:size])
			data = data[size:]
		}
		rest[p.sent] = data
	}
}

func writeMessage(w *bufio.Writer, sent bool, message []byte) {
	arrow, names := "<-", backendNames
	if sent {
		arrow, names = "->", frontendNames
	}
	name, known := names[message[0]]
	if !known {
		name = fmt.Sprintf("message %q", message[0])
	}
	fmt.Fprintf(w, "%s %s (%d bytes)\n", arrow, name, len(message))
	for line := range strings.Lines(hex.Dump(message)) {
		w.WriteString("   " + line)
	}
}

// The names of messages (https://www.postgresql.org/docs/18/protocol-message-formats.html).
var (
	frontendNames = map[byte]string{
		'B': "Bind", 'C': "Close", 'd': "CopyData", 'c': "CopyDone", 'f': "CopyFail", 'D': "Describe", 'E': "Execute",
		'H': "Flush", 'F': "FunctionCall", 'P': "Parse", 'Q': "Query", 'S': "Sync", 'X': "Terminate",
	}
	backendNames = map[byte]string{
		'R': "Authentication", 'K': "BackendKeyData", '2': "BindComplete", '3': "CloseComplete", 'C': "CommandComplete",
		'd': "CopyData", 'c': "CopyDone", 'G': "CopyInResponse", 'H': "CopyOutResponse", 'W': "CopyBothResponse", 'D': "DataRow",
		'I': "EmptyQueryResponse", 'E': "ErrorResponse", 'n': "NoData", 'N': "NoticeResponse", 'A': "NotificationResponse",
		't': "ParameterDescription", 'S': "ParameterStatus", '1': "ParseComplete", 's': "PortalSuspended",
		'Z': "ReadyForQuery", 'T': "RowDescription",
	}
)
