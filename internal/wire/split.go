package wire

import "encoding/binary"

// Splitter cuts the two streams of one connection into messages. It keeps what belongs to an unfinished message, at
// most twice its Limit. It is not safe for concurrent use.
type Splitter struct {
	// Limit is how many bytes are kept of one message; 0 means 64 MiB. A longer one comes as its beginning, which is
	// Cut, and, when it has passed, as the number of bytes Dropped.
	Limit int
	// Secrets leaves secrets in the messages: the caller calls Blank.
	Secrets bool

	client, server stream
	started        bool // the startup packet has been seen: messages of the client have types
	asked          int  // requests for encryption that the server answers with one byte
	opaque         bool // encryption was agreed on: nothing can be told apart
}

// stream is one direction.
type stream struct {
	buffer []byte  // of an unfinished message
	long   Message // the message that goes by without being kept
	left   int     // bytes of it to come
	lost   bool    // nobody knows where messages begin
}

// DefaultLimit is the Limit of a Splitter that names none.
const DefaultLimit = 64 << 20

const leastLimit = 16

// NewSplitter returns a Splitter. With started, the beginning of the connection is not among the bytes.
func NewSplitter(started bool) *Splitter { return &Splitter{started: started} }

// Add adds bytes and returns the messages that are whole now.
func (s *Splitter) Add(d Direction, b []byte) (messages []Message) {
	t := s.of(d)
	t.buffer = append(t.buffer, b...)
	for len(t.buffer) > 0 {
		m, n := s.next(d, t)
		if n == 0 {
			break
		}
		if t.buffer = t.buffer[n:]; len(t.buffer) == 0 {
			t.buffer = nil
		}
		if m.Name != "" {
			messages = append(messages, s.finish(m))
		}
	}
	return messages
}

// Rest returns what there is of unfinished messages.
func (s *Splitter) Rest() (messages []Message) {
	for _, d := range []Direction{FromClient, FromServer} {
		t := s.of(d)
		switch {
		case t.left > 0 && t.long.Dropped > 0:
			messages = append(messages, t.long)
		case len(t.buffer) > 0:
			m := cut(d, t.buffer)
			if d == FromClient && !s.started {
				m.Type, m.Name, m.Body = 0, "?", m.Raw
			}
			messages = append(messages, s.finish(m))
		}
		*t = stream{lost: t.lost}
	}
	return messages
}

func (s *Splitter) of(d Direction) *stream {
	if d == FromClient {
		return &s.client
	}
	return &s.server
}

// Kept counts the bytes that the Splitter holds.
func (s *Splitter) Kept() int { return len(s.client.buffer) + len(s.server.buffer) }

func (s *Splitter) limit() int {
	if s.Limit == 0 {
		return DefaultLimit
	}
	return max(s.Limit, leastLimit)
}

// finish hides the secrets of a message.
func (s *Splitter) finish(m Message) Message {
	if !s.Secrets {
		Blank(&m)
	}
	return m
}

// next returns the first message and the number of its bytes: 0 when it is not whole. A message without a name is none.
func (s *Splitter) next(d Direction, t *stream) (Message, int) {
	b := t.buffer
	switch {
	case s.opaque:
		return Message{Direction: d, Name: "Encrypted", Raw: clone(b), Body: clone(b), Size: len(b)}, len(b)
	case t.lost:
		return Message{Direction: d, Name: "?", Raw: clone(b), Size: len(b), Cut: true}, len(b)
	case t.left > 0:
		return t.drop()
	case d == FromClient && !s.started:
		return s.startup(t)
	case d == FromServer && s.asked > 0 && (b[0] == 'S' || b[0] == 'N' || b[0] == 'G'):
		s.asked--
		s.opaque = b[0] != 'N'
		return Message{Direction: d, Type: b[0], Name: "EncryptionResponse", Raw: clone(b[:1]), Size: 1}, 1
	case len(b) < 5:
		return Message{}, 0
	}
	size := int(binary.BigEndian.Uint32(b[1:])) + 1
	switch limit := s.limit(); {
	case size < 5 || size > maxMessage:
		t.lost = true
		return cut(d, b), len(b)
	case len(b) >= size && size <= limit:
		return message(d, b[:size]), size
	case len(b) >= limit:
		m := message(d, b[:limit])
		m.Cut = true
		t.long = Message{Direction: d, Type: m.Type, Name: m.Name, Size: size, Cut: true}
		t.left = size - limit
		return m, limit
	}
	return Message{}, 0
}

// drop drops bytes of a long message, which is told when all have passed.
func (t *stream) drop() (Message, int) {
	n := min(t.left, len(t.buffer))
	t.left -= n
	t.long.Dropped += n
	if t.left > 0 {
		return Message{}, n
	}
	return t.long, n
}

// startup reads a message without a type.
func (s *Splitter) startup(t *stream) (Message, int) {
	b := t.buffer
	if len(b) < 8 {
		return Message{}, 0
	}
	size := int(binary.BigEndian.Uint32(b))
	if size < 8 || size > 10000 {
		s.started, t.lost = true, true
		m := cut(FromClient, b)
		m.Type, m.Name, m.Body = 0, "?", m.Raw
		return m, len(b)
	}
	if len(b) < size {
		return Message{}, 0
	}
	m := startupMessage(b[:size])
	switch m.Name {
	case "SSLRequest", "GSSENCRequest":
		s.asked++
	case "StartupMessage":
		s.started = true
	}
	return m, size
}
