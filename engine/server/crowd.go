package server

import (
	"sync"
)

// seat is what a client is at.
type seat int

const (
	session   seat = iota
	canceling      // a CancelRequest: no session, and not to be kept out by sessions
	refusing       // being told that it cannot come in
	seats
)

// How many clients there may be at what is not a session.
const (
	mostCanceling = 100
	mostRefusing  = 100
)

// crowd counts the clients that are in, each kind for itself. The zero value has no room for sessions.
type crowd struct {
	mu    sync.Mutex
	most  [seats]int
	taken [seats]int
	all   int
	idle  chan struct{} // closed when the last client has gone and no other may come; nil while they may
}

// limit sets how many sessions there may be.
func (c *crowd) limit(sessions int) {
	c.mu.Lock()
	c.most = [seats]int{session: sessions, canceling: mostCanceling, refusing: mostRefusing}
	c.mu.Unlock()
}

// enter counts a client in, whatever it wants.
func (c *crowd) enter() {
	c.mu.Lock()
	c.all++
	c.mu.Unlock()
}

// leave counts a client out.
func (c *crowd) leave() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.all--; c.all == 0 && c.idle != nil {
		close(c.idle)
	}
}

// take takes a seat for a client; it reports false when all of that kind are taken.
func (c *crowd) take(s seat) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.taken[s] >= c.most[s] {
		return false
	}
	c.taken[s]++
	return true
}

// give gives a seat back.
func (c *crowd) give(s seat) {
	c.mu.Lock()
	c.taken[s]--
	c.mu.Unlock()
}

// gone returns what is closed when the last client has left. Nobody may enter any more.
func (c *crowd) gone() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.idle == nil {
		if c.idle = make(chan struct{}); c.all == 0 {
			close(c.idle)
		}
	}
	return c.idle
}
