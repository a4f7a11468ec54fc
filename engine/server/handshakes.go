package server

import (
	"container/list"
	"context"
	"sync"
	"time"
)

// A listener with maxHandshakes clients in their handshake accepts the next one when the oldest has had handshakeTime:
// that one is refused.
const (
	maxHandshakes = 256
	handshakeTime = 2 * time.Second
)

// handshakes are the clients of one listener that have not sent their startup packet yet. Clients that never send it
// delay others only for a short time, and only those of the same listener.
type handshakes struct {
	freed chan struct{} // has a token when a handshake has ended

	mu    sync.Mutex
	order list.List // of *pendingHandshake, the oldest in front
}

// pendingHandshake is that of one client.
type pendingHandshake struct {
	since time.Time
	evict context.CancelCauseFunc
}

func newHandshakes() *handshakes { return &handshakes{freed: make(chan struct{}, 1)} }

// wait waits until there is room for another client, or until ctx ends.
func (h *handshakes) wait(ctx context.Context) {
	for ctx.Err() == nil {
		patience, full := h.makeRoom()
		if !full {
			return
		}
		timer := time.NewTimer(patience)
		select {
		case <-ctx.Done():
		case <-h.freed:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// makeRoom evicts the oldest client if its time is over, else returns the time that it has left.
func (h *handshakes) makeRoom() (patience time.Duration, full bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.order.Len() < maxHandshakes {
		return 0, false
	}
	oldest := h.order.Front()
	p := oldest.Value.(*pendingHandshake)
	if patience = handshakeTime - time.Since(p.since); patience > 0 {
		return patience, true
	}
	h.order.Remove(oldest)
	p.evict(errTooManyHandshakes)
	return 0, false
}

// begin adds a client, which stays until end or evict is called.
func (h *handshakes) begin(evict context.CancelCauseFunc) (end func()) {
	h.mu.Lock()
	at := h.order.PushBack(&pendingHandshake{time.Now(), evict})
	h.mu.Unlock()
	return func() {
		h.mu.Lock()
		h.order.Remove(at) // does nothing after makeRoom
		h.mu.Unlock()
		select {
		case h.freed <- struct{}{}:
		default:
		}
	}
}
