package hexdump

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"sync"
)

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
}

// Add prints the messages that the bytes of a connection complete.
func (p *Printer) Add(conn uint32, d Direction, b []byte) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.split[conn]
	if s == nil {
		if p.split == nil {
			p.split = map[uint32]*Splitter{}
		}
		s = NewSplitter(p.Started)
		p.split[conn] = s
	}
	return p.print(conn, s.Add(d, b))
}

// Close prints what there is of unfinished messages.
func (p *Printer) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, conn := range slices.Sorted(maps.Keys(p.split)) {
		if err := p.print(conn, p.split[conn].Rest()); err != nil {
			return err
		}
	}
	p.split = nil
	return nil
}

func (p *Printer) print(conn uint32, messages []Message) error {
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
	return fmt.Sprintf("%s %s%s, %d bytes%s\n", mark, m.Name, kind, len(m.Raw), rest) + Format(m.Raw, mark, p.Limit)
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
