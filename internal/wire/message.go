package wire

import "encoding/binary"

// Direction is who sent bytes.
type Direction byte

// The two directions, as they are in a capture.
const (
	FromClient Direction = '>'
	FromServer Direction = '<'
)

// Mark is how lines of the direction begin: "->" to the server, "<-" from it.
func (d Direction) Mark() string {
	if d == FromClient {
		return "->"
	}
	return "<-"
}

// Message is one message of the protocol (https://www.postgresql.org/docs/18/protocol-message-formats.html).
type Message struct {
	Direction Direction
	Type      byte   // 0 for those that begin a connection and have no type
	Name      string // as the manual has it; "?" for an unknown type
	Body      []byte // without type and length, secrets blanked
	Raw       []byte // all of it, secrets blanked
	Size      int    // bytes that the message has on the wire
	Cut       bool   // the message is not whole: the bytes ended, its length is impossible, or it is longer than the Splitter's limit
	// Dropped counts the bytes of a long message that were not kept: it has passed by now. There are no other bytes
	// then.
	Dropped int
}

// maxMessage is the longest message that is believed; PostgreSQL's own limit for most is 1 GB.
const maxMessage = 1 << 30

var frontendNames = map[byte]string{
	'B': "Bind", 'C': "Close", 'd': "CopyData", 'c': "CopyDone", 'f': "CopyFail", 'D': "Describe", 'E': "Execute", 'H': "Flush",
	'F': "FunctionCall", 'P': "Parse", 'p': "PasswordMessage", 'Q': "Query", 'S': "Sync", 'X': "Terminate",
}

var backendNames = map[byte]string{
	'R': "Authentication", 'K': "BackendKeyData", '2': "BindComplete", '3': "CloseComplete", 'C': "CommandComplete", 'd': "CopyData",
	'c': "CopyDone", 'G': "CopyInResponse", 'H': "CopyOutResponse", 'W': "CopyBothResponse", 'D': "DataRow", 'I': "EmptyQueryResponse",
	'E': "ErrorResponse", 'V': "FunctionCallResponse", 'v': "NegotiateProtocolVersion", 'n': "NoData", 'N': "NoticeResponse",
	'A': "NotificationResponse", 't': "ParameterDescription", 'S': "ParameterStatus", '1': "ParseComplete", 's': "PortalSuspended",
	'Z': "ReadyForQuery", 'T': "RowDescription",
}

// FromServerType reports whether the server sends messages of the type.
func FromServerType(t byte) bool { return backendNames[t] != "" }

// nameOf returns the manual's name for a type, "?" for an unknown one.
func nameOf(d Direction, t byte) string {
	names := backendNames
	if d == FromClient {
		names = frontendNames
	}
	if name := names[t]; name != "" {
		return name
	}
	return "?"
}

// message names a message that is whole, or the beginning of a longer one.
func message(d Direction, raw []byte) Message {
	m := Message{Direction: d, Type: raw[0], Name: nameOf(d, raw[0]), Raw: clone(raw)}
	m.Size = int(binary.BigEndian.Uint32(raw[1:])) + 1
	m.Body = m.Raw[5:]
	return m
}

// The codes that stand where a startup packet has its protocol version
// (https://www.postgresql.org/docs/18/protocol-message-formats.html).
const (
	CancelRequestCode = 80877102
	SSLRequestCode    = 80877103
	GSSENCRequestCode = 80877104
)

// startupMessage names a whole message without a type.
func startupMessage(raw []byte) Message {
	m := Message{Direction: FromClient, Name: "StartupMessage", Raw: clone(raw), Size: len(raw)}
	m.Body = m.Raw[4:]
	switch binary.BigEndian.Uint32(raw[4:]) {
	case SSLRequestCode:
		m.Name = "SSLRequest"
	case GSSENCRequestCode:
		m.Name = "GSSENCRequest"
	case CancelRequestCode:
		m.Name = "CancelRequest"
	}
	return m
}

// cut is what there is of a message that is not whole.
func cut(d Direction, b []byte) Message {
	m := Message{Direction: d, Name: "?", Raw: clone(b), Size: len(b), Cut: true}
	if len(b) >= 5 {
		m.Type, m.Name = b[0], nameOf(d, b[0])
		m.Body = m.Raw[5:]
	}
	return m
}

func clone(b []byte) []byte { return append([]byte(nil), b...) }
