package hexdump

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"sync"
)

// maxKept is how many bytes of unfinished messages a Printer keeps for all connections together.
const maxKept = 128 << 20

// Printer prints the messages of connections as they come. Those of any connection but number 0 begin with its number. It is safe for
// concurrent use.
type Printer struct {
	Out    io.Writer
	Raw    bool // the bytes only, without names
	Decode bool // the fields in place of the bytes
	Limit  int  // lines for each message; 0 means all
	Color  bool
	// Started tells that the bytes are not those of a connection's beginning.
	Started bool

	mu    sync.Mutex
	split map[uint32]*Splitter
	kept  int // bytes, by all Splitters
}

// Add prints the messages that the bytes of a connection complete; with Ended, what there is of unfinished ones. It fails when the output
// does, or when more than 100,000 connections are open at a time.
func (p *Printer) Add(conn uint32, d Direction, b []byte) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.split[conn]
	if s == nil {
		if d == Ended {
			return nil
		}
		if len(p.split) == maxConnections {
			return fmt.Errorf("more than %d connections at a time", maxConnections)
		}
		if p.split == nil {
			p.split = map[uint32]*Splitter{}
		}
		s = NewSplitter(p.Started)
		p.split[conn] = s
	}
	p.kept -= s.kept()
	if d == Ended {
		delete(p.split, conn)
		return p.Print(conn, s.Rest())
	}
	s.Limit = min(defaultLimit, max(maxKept-p.kept, 64<<10))
	messages := s.Add(d, b)
	p.kept += s.kept()
	return p.Print(conn, messages)
}

// Close prints what there is of unfinished messages.
func (p *Printer) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, conn := range slices.Sorted(maps.Keys(p.split)) {
		if err := p.Print(conn, p.split[conn].Rest()); err != nil {
			return err
		}
	}
	p.split, p.kept = nil, 0
	return nil
}

// Print prints messages of a connection.
func (p *Printer) Print(conn uint32, messages []Message) error {
	for _, m := range messages {
		if _, err := io.WriteString(p.Out, p.colored(m.Direction, p.text(conn, m))); err != nil {
			return err
		}
	}
	return nil
}

// text shows one message.
func (p *Printer) text(conn uint32, m Message) string {
	mark := m.Direction.Mark()
	if conn != 0 {
		mark = fmt.Sprintf("#%d %s", conn, mark)
	}
	switch {
	case m.Dropped > 0:
		return fmt.Sprintf("%s %s … %d more bytes, which are not kept\n", mark, m.Name, m.Dropped)
	case p.Decode:
		return mark + " " + Decode(m) + "\n"
	case p.Raw:
		return Format(m.Raw, mark, p.Limit)
	}
	kind := ""
	if m.Type != 0 {
		kind = fmt.Sprintf(" %q", rune(m.Type))
	}
	rest := ""
	if m.Cut {
		rest = ", not whole"
	}
	return fmt.Sprintf("%s %s%s, %d bytes%s\n", mark, m.Name, kind, m.Size, rest) + Format(m.Raw, mark, p.Limit)
}

// colored colours a client's messages and a server's.
func (p *Printer) colored(d Direction, text string) string {
	if !p.Color {
		return text
	}
	color := "\x1b[36m"
	if d == FromClient {
		color = "\x1b[33m"
	}
	return color + text + "\x1b[0m"
}
