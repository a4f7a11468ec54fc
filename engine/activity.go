package engine

import (
	"encoding/binary"
	"io"
	"sync"
	"time"

	"github.com/pglite-toolbox/pglite/engine/internal/kernel"
)

// activity tells whether a session is between transactions, by what passes through its connection: the server has said that it is idle,
// since then nothing but what it says unasked, and the client has said nothing, for a moment. A nil activity notices nothing.
type activity struct {
	mu      sync.Mutex
	begun   bool // the client has said something
	said    int  // how often
	ready   bool // the server is idle
	last    time.Time
	answers int     // single bytes that the server owes: to requests for encryption, before there are messages
	header  [5]byte // of the server's message that is under way
	known   int     // how much of that has come
	kind    byte    // of the message whose body is under way, or of the last one; 0: there was none yet
	body    uint32  // what is left of the body
}

// How long an idle session has to be so. A client may have its next request, or its first, on the way for long when the machine is busy; who
// waits for clients that come back all the time waits for a shorter pause after a while. hesitant is for one that has not begun.
const (
	quiet       = time.Second
	shortQuiet  = 50 * time.Millisecond
	considerate = 5 * time.Second
	hesitant    = time.Second
)

// quietAfter returns how long a session has to be idle for whoever has waited so long.
func quietAfter(waited time.Duration) time.Duration {
	if waited < considerate {
		return quiet
	}
	return shortQuiet
}

func newActivity() *activity { return &activity{last: time.Now()} }

// received notes bytes of the client.
func (a *activity) received(b []byte) {
	if a == nil {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.kind == 0 {
		a.answers += encryptionRequests(b)
	}
	a.begun, a.ready, a.last = true, false, time.Now()
	a.said++
}

// encryptionRequests counts the SSLRequests and GSSENCRequests that a client begins with: there is no TLS on this way, so that each is
// answered by one byte.
func encryptionRequests(b []byte) (n int) {
	const size, sslRequest, gssEncRequest = 8, 80877103, 80877104
	for ; len(b) >= size && binary.BigEndian.Uint32(b) == size; b = b[size:] {
		if code := binary.BigEndian.Uint32(b[4:]); code != sslRequest && code != gssEncRequest {
			break
		}
		n++
	}
	return n
}

// sent notes bytes of the server, which the client may have answered by now; a.mu is held.
func (a *activity) sent(b []byte) {
	owed := min(a.answers, len(b))
	a.answers, b = a.answers-owed, b[owed:]
	for len(b) > 0 {
		if a.body > 0 {
			n := int(min(uint64(a.body), uint64(len(b))))
			a.body -= uint32(n)
			if a.body == 0 {
				a.message(b[n-1])
			}
			b = b[n:]
			continue
		}
		n := copy(a.header[a.known:], b)
		a.known, b = a.known+n, b[n:]
		if a.known == len(a.header) {
			a.begin()
		}
	}
}

// begin notes the header of a message.
func (a *activity) begin() {
	const itself = 4
	a.kind, a.known = a.header[0], 0
	a.body = max(binary.BigEndian.Uint32(a.header[1:]), itself) - itself
	if a.body == 0 {
		a.message(0)
	}
}

// message notes the end of a message, whose last byte in ReadyForQuery is the state of the transaction
// (https://www.postgresql.org/docs/18/protocol-message-formats.html#PROTOCOL-MESSAGE-FORMATS-READYFORQUERY).
func (a *activity) message(last byte) {
	switch a.kind {
	case 'N', 'A', 'S': // NoticeResponse, NotificationResponse, ParameterStatus come at any time
	default:
		a.ready, a.last = a.kind == 'Z' && last == 'I', time.Now()
	}
}

// watch returns the ways to a client, seen by a.
func (a *activity) watch(client io.Writer, direct kernel.DirectWriter) (io.Writer, kernel.DirectWriter) {
	if a == nil {
		return client, direct
	}
	if direct != nil {
		direct = watchedDirect{direct, a}
	}
	return watched{client, a}, direct
}

type watched struct {
	io.Writer
	a *activity
}

// Write may wait. What the client has said meanwhile may be the answer to what the server says here, and makes the session busy.
func (w watched) Write(b []byte) (int, error) {
	before := w.a.heard()
	n, err := w.Writer.Write(b)
	w.a.mu.Lock()
	defer w.a.mu.Unlock()
	w.a.sent(b[:max(n, 0)])
	w.a.ready = w.a.ready && w.a.said == before
	return n, err
}

// heard counts what the client has said.
func (a *activity) heard() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.said
}

type watchedDirect struct {
	kernel.DirectWriter
	a *activity
}

// TryWrite implements kernel.DirectWriter.
func (w watchedDirect) TryWrite(b []byte) (int, error) {
	return w.a.passing(w.DirectWriter.TryWrite, b)
}

// Await implements kernel.DirectWriter.
func (w watchedDirect) Await(ready func(write func([]byte) (int, error)) bool) error {
	return w.DirectWriter.Await(func(write func([]byte) (int, error)) bool {
		return ready(func(b []byte) (int, error) { return w.a.passing(write, b) })
	})
}

// passing notes what write, which never waits, has written of b before the client's answer to it can be noted.
func (a *activity) passing(write func([]byte) (int, error), b []byte) (int, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	n, err := write(b)
	a.sent(b[:max(n, 0)])
	return n, err
}

// idle reports whether the session is between transactions and has been so long enough, or has not begun.
func (a *activity) idle(enough time.Duration) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.begun {
		return time.Since(a.last) >= hesitant
	}
	return a.ready && a.known == 0 && a.body == 0 && time.Since(a.last) >= enough
}
