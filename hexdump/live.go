package hexdump

import (
	"context"
	"errors"
	"io"
	"net"
	"time"

	"github.com/pglite-toolbox/pglite/internal/wire"
)

// live is a session with a server. send and receive belong to one goroutine.
type live struct {
	conn    net.Conn
	out     chan []byte
	in      chan wire.Message
	early   []wire.Message // received while there was something to send
	size    int            // of early
	closing chan struct{}
	ended   chan struct{} // twice something: by both goroutines
}

// maxEarly is how many bytes of answers may come before their requests were sent.
const maxEarly = 64 << 20

var errImpatient = errors.New("no answer in time")

// newLive takes a session over.
func newLive(conn net.Conn) *live {
	l := &live{conn: conn, out: make(chan []byte), in: make(chan wire.Message, 64), closing: make(chan struct{}), ended: make(chan struct{}, 2)}
	go l.write()
	go l.read()
	return l
}

func (l *live) write() {
	defer func() { l.ended <- struct{}{} }()
	for {
		select {
		case <-l.closing:
			_, _ = l.conn.Write([]byte{'X', 0, 0, 0, 4})
			return
		case b := <-l.out:
			if _, err := l.conn.Write(b); err != nil {
				_ = l.conn.Close()
			}
		}
	}
}

func (l *live) read() {
	defer func() { l.ended <- struct{}{} }()
	defer close(l.in)
	s := newRecording(true)
	b := make([]byte, 64<<10)
	for {
		n, err := l.conn.Read(b)
		for _, m := range s.Add(FromServer, b[:n]) {
			select {
			case l.in <- m:
			case <-l.closing: // nobody wants it
			}
		}
		if err != nil {
			return
		}
	}
}

// send sends bytes, and takes what the server says meanwhile: it may not read before it has been read.
func (l *live) send(ctx context.Context, b []byte) error {
	in := l.in
	for {
		select {
		case l.out <- b:
			return nil
		case m, ok := <-in:
			if !ok {
				return io.ErrUnexpectedEOF
			}
			l.early = append(l.early, m)
			if l.size += len(m.Raw); l.size > maxEarly {
				return errors.New("the server says more than was asked")
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// receive returns the server's next message.
func (l *live) receive(ctx context.Context, patience time.Duration) (wire.Message, error) {
	if len(l.early) > 0 {
		m := l.early[0]
		l.early = l.early[1:]
		l.size -= len(m.Raw)
		return m, nil
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case m, ok := <-l.in:
		if !ok {
			return m, io.ErrUnexpectedEOF
		}
		return m, nil
	case <-timer.C:
		return wire.Message{}, errImpatient
	case <-ctx.Done():
		return wire.Message{}, ctx.Err()
	}
}

// goodbyePatience is how long a server may take to end a session: what it held is free then, for what is replayed next.
const goodbyePatience = 2 * time.Second

// close says goodbye and waits until the server has ended the session.
func (l *live) close() {
	close(l.closing)
	_ = l.conn.SetDeadline(time.Now().Add(goodbyePatience))
	<-l.ended
	<-l.ended
	_ = l.conn.Close()
}
