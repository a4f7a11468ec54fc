package relay

import "encoding/binary"

// framing finds the messages in what passes in one direction of a connection. A message has a type and a length, which
// counts itself; one that is untyped, as a client begins with, has a length and a code
// (https://www.postgresql.org/docs/18/protocol-overview.html#PROTOCOL-MESSAGE-CONCEPTS). The zero value awaits a
// message with a type.
type framing struct {
	untyped bool    // the message under way, or the next one, is
	header  [8]byte // of the message that is under way, or of the last one
	known   int     // how much of a header has come
	body    uint32  // what is left of the body
}

// next takes from b, which is not empty, what is of one message, and reports whether that ends there.
func (f *framing) next(b []byte) (n int, whole bool) {
	if f.body == 0 {
		header := f.header[:f.size()]
		n = copy(header[f.known:], b)
		if f.known += n; f.known < len(header) {
			return n, false
		}
		f.known, f.body = 0, f.rest()
		return n, f.body == 0
	}
	n = int(min(uint64(f.body), uint64(len(b))))
	f.body -= uint32(n)
	return n, f.body == 0
}

// size is that of a header.
func (f *framing) size() int {
	const typed, untyped = 5, 8
	if f.untyped {
		return untyped
	}
	return typed
}

// rest returns the size of the body that follows the header; a length that cannot be is the end of the session, and of
// no meaning here.
func (f *framing) rest() uint32 {
	length, counted := binary.BigEndian.Uint32(f.header[1:]), uint32(4)
	if f.untyped {
		length, counted = binary.BigEndian.Uint32(f.header[:]), 8
	}
	return max(length, counted) - counted
}

// kind is the type of a message that has one, as soon as something of it has come.
func (f *framing) kind() byte { return f.header[0] }

// code is that of an untyped message that is whole.
func (f *framing) code() uint32 { return binary.BigEndian.Uint32(f.header[4:]) }

// between reports whether no message is under way.
func (f *framing) between() bool { return f.known == 0 && f.body == 0 }
