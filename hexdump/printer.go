package hexdump

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"sync"

	"github.com/pglite-toolbox/pglite/internal/wire"
)

// maxKept is how many bytes of unfinished messages a Printer keeps for all connections together.
const maxKept = 128 << 20

// Printer prints the messages of connections as they come. Those of any connection but number 0 begin with its number.
// It is safe for concurrent use.
type Printer struct {
	Out    io.Writer
	Raw    bool // the bytes only, without names
	Decode bool // the fields instead of the bytes
	Limit  int  // lines for each message; 0 means all
	Color  bool
	// Started tells that the bytes are not those of a connection's beginning.
	Started bool

	mu    sync.Mutex
	split map[uint32]*wire.Splitter
	kept  int // bytes, by all Splitters
}

// Add prints the messages that the bytes of a connection complete. It fails when the output does, or when more than
// 100,000 connections are open at a time.
func (p *Printer) Add(conn uint32, d Direction, b []byte) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.split[conn]
	if s == nil {
		if len(p.split) == maxConnections {
			return fmt.Errorf("more than %d connections at a time", maxConnections)
		}
		if p.split == nil {
			p.split = map[uint32]*wire.Splitter{}
		}
		s = wire.NewSplitter(p.Started)
		p.split[conn] = s
	}
	p.kept -= s.Kept()
	s.Limit = min(wire.DefaultLimit, max(maxKept-p.kept, 64<<10))
	messages := s.Add(d, b)
	p.kept += s.Kept()
	return p.print(conn, messages)
}

// End prints what there is of unfinished messages of a connection. It fails when the output does.
func (p *Printer) End(conn uint32) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.split[conn]
	if s == nil {
		return nil
	}
	p.kept -= s.Kept()
	delete(p.split, conn)
	return p.print(conn, s.Rest())
}

// Record prints a record of a capture by Add or End.
func (p *Printer) Record(r Record) error {
	if r.End {
		return p.End(r.Conn)
	}
	return p.Add(r.Conn, r.Direction, r.Bytes)
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
	p.split, p.kept = nil, 0
	return nil
}

// print prints messages of a connection.
func (p *Printer) print(conn uint32, messages []wire.Message) error {
	style := wire.Style{Raw: p.Raw, Decode: p.Decode, Limit: p.Limit, Color: p.Color}
	for _, m := range messages {
		if _, err := io.WriteString(p.Out, style.Text(conn, m)); err != nil {
			return err
		}
	}
	return nil
}
