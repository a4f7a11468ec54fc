package kernel

import (
	"io"

	"github.com/pglite-toolbox/pglite/engine/internal/errno"
)

// relayBuffer is how much CopyTo writes at once to what may wait.
const relayBuffer = 16 << 10

// DirectWriter writes to a socket of the operating system. Writes never wait: EAGAIN means that the socket takes
// nothing now, and without an error they take something.
//
// The socket may have a lock that both methods hold, as Go's have for writing, although the stream's lock is held
// around TryWrite and taken inside of Await: TryWrite is called only when the queue is empty, and Await's function is
// not done only while it is not.
type DirectWriter interface {
	// TryWrite writes what the socket takes.
	TryWrite(b []byte) (int, error)
	// Await calls ready with TryWrite's like whenever the socket may take more, until ready returns true. It fails when
	// the socket is closed, or its deadline for writing over.
	Await(ready func(write func([]byte) (int, error)) bool) error
}

// CopyTo copies what the guest writes to w, until the guest closes its end, which is no error, or w fails. Nobody may
// call Read meanwhile.
//
// direct, unless it is nil, writes to the same place as w. The guest's own goroutine calls it, so that bytes take no
// detour as long as the receiver keeps up; CopyTo has only what is left over. Then the order is that of a socket: what
// the receiver sees next after it has seen everything is what the guest writes next, at once.
func (c *Conn) CopyTo(w io.Writer, direct DirectWriter) error {
	c.in.turn.Lock()
	defer c.in.turn.Unlock()
	s := c.in.stream
	if direct == nil {
		return c.copyQueue(w)
	}
	s.setDirect(direct)
	defer s.setDirect(nil)
	for {
		if n, err := c.in.wait(s.pending); n == 0 {
			return opError("read", err)
		}
		var failed error
		err := direct.Await(func(write func([]byte) (int, error)) (done bool) {
			done, failed = s.drain(write)
			return done
		})
		if failed != nil {
			return failed
		}
		if err != nil {
			return err
		}
	}
}

// copyQueue is CopyTo for what may wait in the middle of a write.
func (c *Conn) copyQueue(w io.Writer) error {
	buffer := make([]byte, relayBuffer)
	for {
		n, err := c.in.wait(func() (int, error) { return c.in.stream.read(buffer) })
		if n == 0 {
			return opError("read", err)
		}
		if _, err := w.Write(buffer[:n]); err != nil {
			return err
		}
	}
}

// AfterEnd calls f once, on a goroutine of its own, when the guest has closed its end, whether or not everything that
// it has written has been read.
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
func (s *stream) setDirect(direct DirectWriter) {
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

// drain writes the queue until it is empty, or write would wait: then it is not done. Nothing is in the queue that the
// receiver has, so that the guest's next write finds it empty as soon as the receiver has everything.
func (s *stream) drain(write func([]byte) (int, error)) (done bool, err error) {
	s.mu.Lock()
	before := s.count
	for s.count > 0 && err == nil {
		var n int
		n, err = write(s.ring[s.first:min(s.first+s.count, len(s.ring))])
		s.consume(max(n, 0))
	}
	moved := s.count < before
	s.mu.Unlock()
	if moved {
		s.writers.wake()
	}
	if err == errno.EAGAIN {
		return false, nil
	}
	return true, err
}

// overtake writes b with direct; s.mu is held and the queue empty. It reports false when b has to be queued.
func (s *stream) overtake(b []byte) (n int, err error, done bool) {
	n, err = s.direct.TryWrite(b)
	if n > 0 {
		return n, nil, true
	}
	if err == errno.EAGAIN || err == nil {
		return 0, nil, false
	}
	return 0, errno.EPIPE, true
}
