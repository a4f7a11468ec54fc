package server

import (
	"net"
	"sync"
	"time"
)

// repeats is a client that repeats a request for encryption. Only the server can answer this error, because it names
// the protocol versions that it knows. It must have answered the earlier requests first, as the listener has. So it
// gets them again, one after the other, and its answers to them are dropped.
type repeats struct {
	net.Conn

	mu       sync.Mutex
	changed  sync.Cond
	later    [][]byte // requests that the server still has to get
	dropping int      // answers to drop
	waiting  int      // of them those that have not come
	over     bool     // the session has ended: nothing more is said
}

// newRepeats takes the answered requests, of which the server has got the first, and the repeated one.
func newRepeats(client net.Conn, answered [][]byte, repeated []byte) *repeats {
	r := &repeats{Conn: client, dropping: len(answered), waiting: 1}
	r.changed.L = &r.mu
	r.later = append(append(r.later, answered[1:]...), repeated)
	return r
}

// Read implements net.Conn.
func (r *repeats) Read(b []byte) (int, error) {
	if n := r.request(b); n > 0 {
		return n, nil
	}
	return r.Conn.Read(b)
}

// request reads from the requests that the server still has to get, as soon as it has answered the earlier ones. It
// returns 0 if there are none.
func (r *repeats) request(b []byte) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	for len(r.later) > 0 && r.waiting > 0 && !r.over {
		r.changed.Wait()
	}
	if len(r.later) == 0 || r.over {
		return 0
	}
	n := copy(b, r.later[0])
	if r.later[0] = r.later[0][n:]; len(r.later[0]) == 0 {
		r.later = r.later[1:]
		r.waiting++
	}
	return n
}

// Write implements net.Conn. It drops the answers that the client already has; everything else, such as an error, goes
// to the client.
func (r *repeats) Write(b []byte) (int, error) {
	r.mu.Lock()
	dropped := 0
	for dropped < len(b) && r.dropping > 0 && b[dropped] == 'N' {
		dropped++
		r.dropping--
		r.waiting--
	}
	if dropped < len(b) {
		r.dropping, r.waiting = 0, 0
	}
	r.changed.Broadcast()
	r.mu.Unlock()
	if dropped == len(b) {
		return dropped, nil
	}
	n, err := r.Conn.Write(b[dropped:])
	return dropped + n, err
}

// end ends a Read that waits for the server.
func (r *repeats) end() {
	r.mu.Lock()
	r.over = true
	r.changed.Broadcast()
	r.mu.Unlock()
}

// Close implements net.Conn.
func (r *repeats) Close() error {
	r.end()
	return r.Conn.Close()
}

// SetReadDeadline implements net.Conn. A session sets a deadline at its end.
func (r *repeats) SetReadDeadline(t time.Time) error {
	if !t.IsZero() {
		r.end()
	}
	return r.Conn.SetReadDeadline(t)
}

// CloseWrite ends the writing direction of a connection that has two.
func (r *repeats) CloseWrite() error {
	if c, ok := r.Conn.(interface{ CloseWrite() error }); ok {
		return c.CloseWrite()
	}
	return nil
}

// NetConn returns the connection itself.
func (r *repeats) NetConn() net.Conn { return r.Conn }
