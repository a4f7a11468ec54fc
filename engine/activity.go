package engine

import (
	"bytes"
	"io"
	"sync"
	"time"
)

// activity tells whether a session is between transactions, by what passes through its connection: the last thing the server
// has said is that it is idle, and the client has said nothing since, for a moment. A nil activity notices nothing.
type activity struct {
	mu   sync.Mutex
	tail []byte    // the last bytes from the server
	last time.Time // something passed
}

// readyIdle is ReadyForQuery outside a transaction
// (https://www.postgresql.org/docs/18/protocol-message-formats.html#PROTOCOL-MESSAGE-FORMATS-READYFORQUERY).
var readyIdle = []byte{'Z', 0, 0, 0, 5, 'I'}

// quiet is how long an idle session has to be so: a client that sends requests before it has read the answers may have one on its way.
const quiet = 50 * time.Millisecond

// received notes bytes of the client.
func (a *activity) received() {
	if a == nil {
		return
	}
	a.mu.Lock()
	a.tail, a.last = a.tail[:0], time.Now()
	a.mu.Unlock()
}

// sent notes bytes of the server.
func (a *activity) sent(b []byte) {
	if a == nil {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.last = time.Now()
	if len(b) >= len(readyIdle) {
		a.tail = append(a.tail[:0], b[len(b)-len(readyIdle):]...)
		return
	}
	a.tail = append(a.tail, b...)
	if extra := len(a.tail) - len(readyIdle); extra > 0 {
		a.tail = append(a.tail[:0], a.tail[extra:]...)
	}
}

// watch returns the ways to a client, seen by a.
func (a *activity) watch(client io.Writer, direct func([]byte) (int, error)) (io.Writer, func([]byte) (int, error)) {
	if a == nil {
		return client, direct
	}
	if direct == nil {
		return &watched{client, a}, nil
	}
	return &watched{client, a}, func(b []byte) (int, error) {
		n, err := direct(b)
		a.sent(b[:max(n, 0)])
		return n, err
	}
}

type watched struct {
	io.Writer
	a *activity
}

func (w *watched) Write(b []byte) (int, error) {
	n, err := w.Writer.Write(b)
	w.a.sent(b[:n])
	return n, err
}

// idle reports whether the session is between transactions.
func (a *activity) idle() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return bytes.Equal(a.tail, readyIdle) && time.Since(a.last) >= quiet
}
