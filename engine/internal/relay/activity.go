package relay

import (
	"io"
	"sync"
	"time"

	"github.com/pglite-toolbox/pglite/engine/internal/kernel"
	"github.com/pglite-toolbox/pglite/internal/wire"
)

// Activity reports whether a session is between transactions, by what passes through its connection: the server has
// said that it is idle, and since then nothing but what it says unasked; the client has said nothing since then that
// the server answers, and nothing at all for a moment. A nil Activity notices nothing.
type Activity struct {
	mu      sync.Mutex
	begun   bool // the client has said something
	asked   int  // grows with each thing that it has said and the server answers
	ready   bool // the server is idle
	last    time.Time
	answers int // single bytes that the server owes: to requests for encryption, before there are messages
	client  framing
	server  framing
}

// How long an idle session has to be so. A client may have its next request, or its first, on the way for long when the
// machine is busy; who waits for clients that come back all the time waits for a shorter pause after a while. hesitant
// is for one that has not begun.
const (
	Quiet       = time.Second
	shortQuiet  = 50 * time.Millisecond
	considerate = 5 * time.Second
	hesitant    = time.Second
)

// QuietAfter returns how long a session has to be idle for whoever has waited so long.
func QuietAfter(waited time.Duration) time.Duration {
	if waited < considerate {
		return Quiet
	}
	return shortQuiet
}

// NewActivity returns the activity of a session that has not begun.
func NewActivity() *Activity { return &Activity{last: time.Now(), client: framing{untyped: true}} }

// received notes bytes of the client.
func (a *Activity) received(b []byte) {
	if a == nil {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.begun, a.last = true, time.Now()
	for len(b) > 0 {
		n, whole := a.client.next(b)
		b = b[n:]
		if a.client.untyped {
			a.opening(whole)
		} else if !unanswered(a.client.kind()) {
			a.asks()
		}
	}
}

// asks notes that the client has said something that the server answers.
func (a *Activity) asks() {
	a.ready = false
	a.asked++
}

// opening notes part of the packets that a client begins with: SSLRequest and GSSENCRequest, each of which is answered
// by one byte as there is no TLS on this way, and one that is followed by messages with a type.
func (a *Activity) opening(whole bool) {
	a.asks()
	if !whole {
		return
	}
	if code := a.client.code(); code == wire.SSLRequestCode || code == wire.GSSENCRequestCode {
		a.answers++
		return
	}
	a.client.untyped = false
}

// unanswered tells of a type of message whether a server that is idle says nothing to it. CopyData, CopyDone and
// CopyFail come from clients that have not heard yet that COPY has failed
// (https://www.postgresql.org/docs/18/protocol-flow.html#PROTOCOL-COPY).
func unanswered(kind byte) bool {
	switch kind {
	case 'd', 'c', 'f', 'H': // CopyData, CopyDone, CopyFail, Flush
		return true
	}
	return false
}

// sent notes bytes of the server, which the client may have answered by now; a.mu is held.
func (a *Activity) sent(b []byte) {
	owed := min(a.answers, len(b))
	a.answers, b = a.answers-owed, b[owed:]
	for len(b) > 0 {
		n, whole := a.server.next(b)
		if whole {
			a.message(b[n-1])
		}
		b = b[n:]
	}
}

// message notes the end of a message, whose last byte in ReadyForQuery is the state of the transaction
// (https://www.postgresql.org/docs/18/protocol-message-formats.html#PROTOCOL-MESSAGE-FORMATS-READYFORQUERY).
func (a *Activity) message(last byte) {
	switch kind := a.server.kind(); kind {
	case 'N', 'A', 'S': // NoticeResponse, NotificationResponse, ParameterStatus come at any time
	default:
		a.ready, a.last = kind == 'Z' && last == 'I', time.Now()
	}
}

// watch returns the ways to a client, seen by a.
func (a *Activity) watch(client io.Writer, direct kernel.DirectWriter) (io.Writer, kernel.DirectWriter) {
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
	a *Activity
}

// Write may wait. What the client has asked meanwhile may be the answer to what the server says here, and makes the
// session busy.
func (w watched) Write(b []byte) (int, error) {
	before := w.a.requests()
	n, err := w.Writer.Write(b)
	w.a.mu.Lock()
	defer w.a.mu.Unlock()
	w.a.sent(b[:max(n, 0)])
	w.a.ready = w.a.ready && w.a.asked == before
	return n, err
}

// requests counts what the client has asked.
func (a *Activity) requests() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.asked
}

type watchedDirect struct {
	kernel.DirectWriter
	a *Activity
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
func (a *Activity) passing(write func([]byte) (int, error), b []byte) (int, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	n, err := write(b)
	a.sent(b[:max(n, 0)])
	return n, err
}

// Idle reports whether the session is between transactions and has been so long enough, or has not begun.
func (a *Activity) Idle(enough time.Duration) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.begun {
		return time.Since(a.last) >= hesitant
	}
	return a.ready && a.server.between() && time.Since(a.last) >= enough
}
