package kernel

import (
	"sync"

	"github.com/pglite-toolbox/pglite/engine/internal/errno"
)

// streamLimit is how many bytes a pipe, or one direction of a socket, holds at most. The buffer grows to it from
// streamStart.
const (
	streamLimit = 64 << 10
	streamStart = 8 << 10
)

// stream is a bounded queue of bytes: a pipe, or one direction of a connection. Neither end ever waits in it:
// both get EAGAIN and wait on the queues.
type stream struct {
	mu           sync.Mutex
	ring         []byte
	first, count int
	readClosed   bool         // nobody will read: writing fails with EPIPE
	writeClosed  bool         // nobody will write: reading ends
	direct       DirectWriter // see CopyTo
	ended        func()       // see AfterEnd
	readers      waitQueue
	writers      waitQueue
}

// read takes bytes out; 0 without an error is the end.
func (s *stream) read(b []byte) (int, error) { return s.take(b, true) }

// take is read that leaves the bytes there unless consume is set.
func (s *stream) take(b []byte, consume bool) (int, error) {
	s.mu.Lock()
	if s.count == 0 {
		closed := s.writeClosed || s.readClosed
		s.mu.Unlock()
		if closed || len(b) == 0 {
			return 0, nil
		}
		return 0, errno.EAGAIN
	}
	end := min(s.first+s.count, len(s.ring))
	n := copy(b, s.ring[s.first:end])
	if n < len(b) && n < s.count {
		n += copy(b[n:], s.ring[:s.count-n])
	}
	if consume {
		s.consume(n)
	}
	s.mu.Unlock()
	if consume {
		s.writers.wake()
	}
	return n, nil
}

// consume takes n bytes out; s.mu is held.
func (s *stream) consume(n int) {
	s.count -= n
	if s.first += n; s.first >= len(s.ring) {
		s.first -= len(s.ring)
	}
	if s.count == 0 {
		s.first = 0
	}
}

// write puts in what fits, EAGAIN when nothing does.
func (s *stream) write(b []byte) (int, error) { return s.put(b, 1) }

// put is write that puts in at least so many bytes, or none.
func (s *stream) put(b []byte, least int) (int, error) {
	s.mu.Lock()
	if s.readClosed || s.writeClosed {
		s.mu.Unlock()
		return 0, errno.EPIPE
	}
	if s.direct != nil && s.count == 0 && len(b) > 0 {
		if n, err, done := s.overtake(b); done {
			s.mu.Unlock()
			return n, err
		}
	}
	n := min(len(b), streamLimit-s.count)
	if n < least || n == 0 {
		s.mu.Unlock()
		if len(b) == 0 {
			return 0, nil
		}
		return 0, errno.EAGAIN
	}
	s.reserve(s.count + n)
	at := s.first + s.count
	if at >= len(s.ring) {
		at -= len(s.ring)
	}
	done := copy(s.ring[at:], b[:n])
	copy(s.ring, b[done:n])
	s.count += n
	s.mu.Unlock()
	s.readers.wake()
	return n, nil
}

// reserve grows the ring to hold n bytes; s.mu is held.
func (s *stream) reserve(n int) {
	if n <= len(s.ring) {
		return
	}
	size := max(len(s.ring), streamStart)
	for size < n {
		size *= 2
	}
	ring := make([]byte, size)
	end := min(s.first+s.count, len(s.ring))
	done := copy(ring, s.ring[s.first:end])
	copy(ring[done:], s.ring[:s.count-done])
	s.ring, s.first = ring, 0
}

// streamState is what poll sees of a stream.
type streamState struct {
	count                   int
	readClosed, writeClosed bool
}

func (s *stream) state() streamState {
	s.mu.Lock()
	defer s.mu.Unlock()
	return streamState{s.count, s.readClosed, s.writeClosed}
}

func (s streamState) closed() bool   { return s.readClosed || s.writeClosed }
func (s streamState) readable() bool { return s.count > 0 || s.closed() }

// writable reports whether n bytes can be written, or an attempt fails at once.
func (s streamState) writable(n int) bool { return streamLimit-s.count >= n || s.closed() }

func (s *stream) closeRead() {
	s.mu.Lock()
	s.readClosed = true
	s.ring, s.first, s.count = nil, 0, 0
	s.mu.Unlock()
	s.readers.wake()
	s.writers.wake()
}

func (s *stream) closeWrite() {
	s.mu.Lock()
	s.writeClosed = true
	ended := s.ended
	s.ended = nil
	s.mu.Unlock()
	s.readers.wake()
	s.writers.wake()
	if ended != nil {
		go ended()
	}
}
