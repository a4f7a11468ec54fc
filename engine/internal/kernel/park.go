package kernel

import (
	"sync"
	"time"
)

// parker is what a waiting process or connection sleeps on. It holds at most one token.
type parker struct {
	token chan struct{}
	timer *time.Timer
}

// noDeadline makes park wait without limit.
var noDeadline time.Time

func newParker() parker { return parker{token: make(chan struct{}, 1)} }

// unpark ends the present wait, or the next one at once. Safe from any goroutine.
func (p *parker) unpark() {
	select {
	case p.token <- struct{}{}:
	default:
	}
}

// park sleeps until unparked, or until the deadline when that is not zero; it reports false when the deadline has
// passed. Only the owner may call it.
func (p *parker) park(deadline time.Time) bool {
	if deadline.IsZero() {
		<-p.token
		return true
	}
	d := time.Until(deadline)
	if d <= 0 {
		select {
		case <-p.token:
			return true
		default:
			return false
		}
	}
	if p.timer == nil {
		p.timer = time.NewTimer(d)
	} else {
		p.timer.Reset(d)
	}
	select {
	case <-p.token:
		p.timer.Stop()
		return true
	case <-p.timer.C:
		return false
	}
}

// waiter is a parker's place in one wait queue. Its owner keeps it, so that waiting allocates nothing, and must not
// move it while it is in a queue.
type waiter struct {
	parker     *parker
	queue      *waitQueue // nil when in none
	next, prev *waiter    // under the queue's lock
}

// waitQueue holds the waiters for an object, in no order. All of PostgreSQL's processes wait for the end of the
// postmaster on one pipe: taking part in a queue does not depend on its length.
type waitQueue struct {
	mu    sync.Mutex
	first *waiter
}

// add puts w, which is in no queue, into q; p is unparked by wake from then on.
func (q *waitQueue) add(w *waiter, p *parker) {
	w.parker, w.queue, w.prev = p, q, nil
	q.mu.Lock()
	if w.next = q.first; w.next != nil {
		w.next.prev = w
	}
	q.first = w
	q.mu.Unlock()
}

// leave takes w out of its queue.
func (w *waiter) leave() {
	q := w.queue
	q.mu.Lock()
	if w.prev == nil {
		q.first = w.next
	} else {
		w.prev.next = w.next
	}
	if w.next != nil {
		w.next.prev = w.prev
	}
	q.mu.Unlock()
	*w = waiter{}
}

// wake unparks all that wait.
func (q *waitQueue) wake() {
	q.mu.Lock()
	for w := q.first; w != nil; w = w.next {
		w.parker.unpark()
	}
	q.mu.Unlock()
}
