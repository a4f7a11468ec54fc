package server

import (
	"container/list"
	"context"
	"sync"
	"time"
)

// How many clients of one listener may be about to say what they want. When there are more, who has been for longer than hesitation goes.
const (
	mostKnocking = 256
	hesitation   = 2 * time.Second
)

// entrance holds the clients of one listener that have not said yet what they want: those who never say it, whoever they are, keep
// nobody out for long, and those of one listener nobody at another.
type entrance struct {
	freed chan struct{} // a token: somebody has left

	mu    sync.Mutex
	order list.List // of *knocking, the first to come in front
}

// knocking is a client in an entrance.
type knocking struct {
	since time.Time
	evict context.CancelCauseFunc
}

func newEntrance() *entrance { return &entrance{freed: make(chan struct{}, 1)} }

// wait waits until there is room, if need be for the longest to leave; ctx ends it.
func (e *entrance) wait(ctx context.Context) {
	for ctx.Err() == nil {
		patience, full := e.makeRoom()
		if !full {
			return
		}
		timer := time.NewTimer(patience)
		select {
		case <-ctx.Done():
		case <-e.freed:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// makeRoom evicts the longest if its time is over, else tells how long it has.
func (e *entrance) makeRoom() (patience time.Duration, full bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.order.Len() < mostKnocking {
		return 0, false
	}
	longest := e.order.Front()
	k := longest.Value.(*knocking)
	if patience = hesitation - time.Since(k.since); patience > 0 {
		return patience, true
	}
	e.order.Remove(longest)
	k.evict(errCrowded)
	return 0, false
}

// enter lets a client in until leave is called or evict is.
func (e *entrance) enter(evict context.CancelCauseFunc) (leave func()) {
	e.mu.Lock()
	place := e.order.PushBack(&knocking{time.Now(), evict})
	e.mu.Unlock()
	return func() {
		e.mu.Lock()
		e.order.Remove(place) // does nothing when makeRoom has
		e.mu.Unlock()
		select {
		case e.freed <- struct{}{}:
		default:
		}
	}
}
