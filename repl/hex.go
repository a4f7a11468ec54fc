package repl

import (
	"bufio"
	"bytes"
	"io"
	"sync"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/pglite-toolbox/pglite/internal/wire"
)

// HexMode is what \hex shows of the wire exchange of statements.
type HexMode int

// The modes.
const (
	HexOff  HexMode = iota // results
	HexOn                  // the exchange instead of results
	HexBoth                // the results, and the exchange after them
)

// recorder keeps the messages that pass on the connection of a session while it is asked to.
type recorder struct {
	mu       sync.Mutex
	on       bool
	split    *wire.Splitter
	messages []wire.Message
}

// recorder returns that of the session. The first time it watches the connection, with a new Frontend.
func (s *Session) recorder() *recorder {
	if s.recorded == nil {
		s.recorded = &recorder{}
		ahead := readAhead(s.Frontend)
		conn := &wire.Conn{Conn: s.Conn, Reads: wire.FromServer, Writes: wire.FromClient, Watch: []wire.Watcher{s.recorded}}
		s.Conn, s.Frontend = conn, pgproto3.NewFrontend(io.MultiReader(ahead, conn), conn)
	}
	return s.recorded
}

// readAhead takes what a Frontend has read of the connection and not handed out, such as a NotificationResponse behind a
// ReadyForQuery, and sends what it holds back. An error is one of the connection, so whoever goes on with that gets it
// too.
func readAhead(f *pgproto3.Frontend) io.Reader {
	_ = f.Flush()
	var ahead []byte
	for f.ReadBufferLen() > 0 {
		m, err := f.Receive()
		if err != nil {
			break
		}
		if b, err := m.Encode(ahead); err == nil {
			ahead = b
		}
	}
	return bytes.NewReader(ahead)
}

// Add implements [wire.Watcher].
func (r *recorder) Add(_ uint32, d wire.Direction, b []byte) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.on {
		r.messages = append(r.messages, r.split.Add(d, b)...)
	}
	return nil
}

// End implements [wire.Watcher].
func (r *recorder) End(uint32) error { return nil }

// start begins a record.
func (r *recorder) start() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.on, r.split = true, wire.NewSplitter(true)
}

// stop ends the record and returns it.
func (r *recorder) stop() []wire.Message {
	r.mu.Lock()
	defer r.mu.Unlock()
	messages := append(r.messages, r.split.Rest()...)
	r.on, r.split, r.messages = false, nil, nil
	return messages
}

// tap records the exchange when \hex asks for it, and returns what shows the record.
func (s *Session) tap(x *exchange, h how) (end func()) {
	if s.Hex == HexOff || h.internal {
		return func() {}
	}
	r := s.recorder()
	r.start()
	if s.Hex == HexOn {
		x.newPrinter, x.silent = discardResult, true
	}
	return func() {
		s.Out.Flush()
		writeExchange(s.Out, r.stop())
		s.Out.Flush()
	}
}

// writeExchange shows messages as pglite hexdump does.
func writeExchange(w *bufio.Writer, messages []wire.Message) {
	for _, m := range messages {
		w.WriteString(wire.Style{}.Text(0, m))
	}
}
