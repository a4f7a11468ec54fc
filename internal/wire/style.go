package wire

import (
	"fmt"
	"strings"
)

// Style says how messages are shown. The zero value shows each as a line with its name and size, and its bytes.
type Style struct {
	Raw    bool // the bytes only, without names
	Decode bool // the fields instead of the bytes
	Limit  int  // lines for each message; 0 means all
	Color  bool
}

// Text shows a message of a connection. Those of any connection but number 0 begin with its number.
func (s Style) Text(conn uint32, m Message) string { return s.colored(m.Direction, s.plain(conn, m)) }

// Abridged is Text of so many bytes at most, and says how long the message is when that is longer.
func (s Style) Abridged(conn uint32, m Message, most int) string {
	text := s.plain(conn, m)
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + fmt.Sprintf(" … (%d bytes)\n", m.Size)
	}
	return s.colored(m.Direction, text)
}

// plain shows one message.
func (s Style) plain(conn uint32, m Message) string {
	mark := m.Direction.Mark()
	if conn != 0 {
		mark = fmt.Sprintf("#%d %s", conn, mark)
	}
	switch {
	case m.Dropped > 0:
		return fmt.Sprintf("%s %s … %d more bytes, which are not kept\n", mark, m.Name, m.Dropped)
	case s.Decode:
		return mark + " " + Decode(m) + "\n"
	case s.Raw:
		return Format(m.Raw, mark, s.Limit)
	}
	kind := ""
	if m.Type != 0 {
		kind = fmt.Sprintf(" %q", rune(m.Type))
	}
	rest := ""
	if m.Cut {
		rest = ", not whole"
	}
	return fmt.Sprintf("%s %s%s, %d bytes%s\n", mark, m.Name, kind, m.Size, rest) + Format(m.Raw, mark, s.Limit)
}

// colored colours a client's messages and a server's.
func (s Style) colored(d Direction, text string) string {
	if !s.Color {
		return text
	}
	color := "\x1b[36m"
	if d == FromClient {
		color = "\x1b[33m"
	}
	return color + text + "\x1b[0m"
}
