package hexdump

import (
	"encoding/binary"
)

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
	Cut       bool   // the message is not whole: the bytes ended, or its length is impossible
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

// Splitter cuts the two streams of one connection into messages. It keeps what belongs to an unfinished message. It is not safe for
// concurrent use.
type Splitter struct {
	client, server []byte
	started        bool // the startup packet has been seen: messages of the client have types
	asked          int  // requests for encryption that the server answers with one byte
	opaque         bool // encryption was agreed on: nothing can be told apart
	Limit          int  // bytes kept of an unfinished message; 0 means 64 MiB
}

// NewSplitter returns a Splitter. With started, the beginning of the connection is not among the bytes.
func NewSplitter(started bool) *Splitter { return &Splitter{started: started} }

// Add adds bytes and returns the messages that are whole now.
func (s *Splitter) Add(d Direction, b []byte) (messages []Message) {
	buffer := &s.server
	if d == FromClient {
		buffer = &s.client
	}
	*buffer = append(*buffer, b...)
	for len(*buffer) > 0 {
		m, n := s.next(d, *buffer)
		if n == 0 {
			break
		}
		*buffer = (*buffer)[n:]
		messages = append(messages, m)
	}
	limit := s.Limit
	if limit == 0 {
		limit = 64 << 20
	}
	if len(*buffer) > limit {
		messages = append(messages, cut(d, *buffer))
		*buffer = nil
	}
	return messages
}

// Rest returns what there is of unfinished messages.
func (s *Splitter) Rest() (messages []Message) {
	for _, d := range []Direction{FromClient, FromServer} {
		b := s.server
		if d == FromClient {
			b = s.client
		}
		if len(b) > 0 {
			messages = append(messages, cut(d, b))
		}
	}
	s.client, s.server = nil, nil
	return messages
}

// next returns the first message of b and its length, 0 when it is not whole.
func (s *Splitter) next(d Direction, b []byte) (Message, int) {
	switch {
	case s.opaque:
		return Message{Direction: d, Name: "Encrypted", Raw: clone(b), Body: clone(b)}, len(b)
	case d == FromClient && !s.started:
		return s.startup(b)
	case d == FromServer && s.asked > 0 && (b[0] == 'S' || b[0] == 'N' || b[0] == 'G'):
		s.asked--
		s.opaque = b[0] != 'N'
		return Message{Direction: d, Type: b[0], Name: "EncryptionResponse", Raw: clone(b[:1])}, 1
	case len(b) < 5:
		return Message{}, 0
	}
	size := int(binary.BigEndian.Uint32(b[1:])) + 1
	if size < 5 || size > maxMessage {
		return cut(d, b), len(b)
	}
	if len(b) < size {
		return Message{}, 0
	}
	return message(d, b[:size]), size
}

// message names a whole message.
func message(d Direction, raw []byte) Message {
	names := backendNames
	if d == FromClient {
		names = frontendNames
	}
	m := Message{Direction: d, Type: raw[0], Name: names[raw[0]], Raw: clone(raw)}
	if m.Name == "" {
		m.Name = "?"
	}
	m.Body = m.Raw[5:]
	blank(&m)
	return m
}

// The codes that stand in the place of a protocol version.
const (
	cancelCode = 80877102
	sslCode    = 80877103
	gssCode    = 80877104
)

// startup reads a message without a type.
func (s *Splitter) startup(b []byte) (Message, int) {
	if len(b) < 8 {
		return Message{}, 0
	}
	size := int(binary.BigEndian.Uint32(b))
	if size < 8 || size > 10000 {
		s.started = true
		return cut(FromClient, b), len(b)
	}
	if len(b) < size {
		return Message{}, 0
	}
	m := Message{Direction: FromClient, Name: "StartupMessage", Raw: clone(b[:size])}
	m.Body = m.Raw[4:]
	switch binary.BigEndian.Uint32(b[4:]) {
	case sslCode:
		m.Name = "SSLRequest"
		s.asked++
	case gssCode:
		m.Name = "GSSENCRequest"
		s.asked++
	case cancelCode:
		m.Name = "CancelRequest"
		blank(&m)
	default:
		s.started = true
		blank(&m)
	}
	return m, size
}

// cut is what there is of a message that is not whole. As nobody knows what is in it, of a client's nothing but the type is shown that
// could hold a password.
func cut(d Direction, b []byte) Message {
	m := Message{Direction: d, Name: "?", Raw: clone(b), Cut: true}
	if len(b) > 5 {
		m.Type = b[0]
		m.Body = m.Raw[5:]
		if d == FromClient && m.Type == 'p' || d == FromServer && (m.Type == 'R' || m.Type == 'K') {
			fill(m.Body)
		}
	}
	return m
}

func clone(b []byte) []byte { return append([]byte(nil), b...) }
