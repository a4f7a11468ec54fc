package kernel

import (
	"io"

	"github.com/pglite-toolbox/pglite/engine/internal/errno"
)

// relayBuffer is how much CopyTo writes at once.
const relayBuffer = 16 << 10

// CopyTo copies what the guest writes to w, until the guest closes its end, which is no error, or w fails. Nobody may call Read
// meanwhile.
//
// direct, unless it is nil, writes to the same place as w without ever waiting: it returns how much it could write, EAGAIN when
// that was nothing. The guest's own goroutine calls it, so that bytes take no detour as long as the receiver keeps up; CopyTo has
// only what is left over.
func (c *Conn) CopyTo(w io.Writer, direct func([]byte) (int, error)) error {
	c.in.turn.Lock()
	defer c.in.turn.Unlock()
	s := c.in.stream
	s.setDirect(direct)
	defer s.setDirect(nil)
	var buffer []byte
	for {
		if _, err := c.in.wait(s.pending); err != nil {
			return opError("read", err)
		}
		if buffer == nil {
			buffer = make([]byte, relayBuffer)
		}
		n, err := s.take(buffer, false) // the bytes leave the queue when they are written: until then nothing may overtake them
		if n == 0 {
			return opError("read", err)
		}
		if _, err := w.Write(buffer[:n]); err != nil {
			return err
		}
		s.drop(n)
	}
}

// AfterEnd calls f once, on a goroutine of its own, when the guest has closed its end, whether or not everything that it has written
// has been read.
func (c *Conn) AfterEnd(f func()) {
	s := c.in.stream
	s.mu.Lock()
	over := s.writeClosed
	if !over {
		s.ended = f
	}
	s.mu.Unlock()
	if over {
		go f()
	}
}

// setDirect makes write try direct first whenever the queue is empty.
func (s *stream) setDirect(direct func([]byte) (int, error)) {
	s.mu.Lock()
	s.direct = direct
	s.mu.Unlock()
}

// pending is EAGAIN until there is something to read or the end.
func (s *stream) pending() (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.count == 0 && !s.readClosed && !s.writeClosed {
		return 0, errno.EAGAIN
	}
	return s.count, nil
}

// drop takes n bytes out unread.
func (s *stream) drop(n int) {
	s.mu.Lock()
	n = min(n, s.count) // fewer when closeRead has emptied it
	s.consume(n)
	s.mu.Unlock()
	s.writers.wake()
}

// overtake writes b with direct; s.mu is held and the queue empty. It reports false when b has to be queued.
func (s *stream) overtake(b []byte) (n int, err error, done bool) {
	n, err = s.direct(b)
	if n > 0 {
		return n, nil, true
	}
	if err == errno.EAGAIN || err == nil {
		return 0, nil, false
	}
	return 0, errno.EPIPE, true
}
