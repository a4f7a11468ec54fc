package server

import (
	"sync"
)

// slot is what a client takes one of.
type slot int

const (
	sessionSlot slot = iota
	cancelSlot       // for a CancelRequest, which sessions must not keep out
	refusalSlot      // for an error message
	slotKinds
)

// The limits of the slots that are not for sessions.
const (
	maxCancelRequests = 100
	maxRefusals       = 100
)

// admission counts clients by kind of slot. Its zero value admits no session.
type admission struct {
	mu    sync.Mutex
	max   [slotKinds]int
	taken [slotKinds]int
	all   int           // clients, in a slot or not
	idle  chan struct{} // closed when the last client has left; nil while new ones may come
}

// limit sets the number of sessions.
func (a *admission) limit(sessions int) {
	a.mu.Lock()
	a.max = [slotKinds]int{sessionSlot: sessions, cancelSlot: maxCancelRequests, refusalSlot: maxRefusals}
	a.mu.Unlock()
}

// add counts a client that has connected.
func (a *admission) add() {
	a.mu.Lock()
	a.all++
	a.mu.Unlock()
}

// remove undoes add.
func (a *admission) remove() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.all--; a.all == 0 && a.idle != nil {
		close(a.idle)
	}
}

// acquire takes a slot and reports whether there was one.
func (a *admission) acquire(s slot) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.taken[s] >= a.max[s] {
		return false
	}
	a.taken[s]++
	return true
}

func (a *admission) release(s slot) {
	a.mu.Lock()
	a.taken[s]--
	a.mu.Unlock()
}

// drained returns a channel that is closed when the last client has left. add must not be called any more.
func (a *admission) drained() <-chan struct{} {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.idle == nil {
		if a.idle = make(chan struct{}); a.all == 0 {
			close(a.idle)
		}
	}
	return a.idle
}
