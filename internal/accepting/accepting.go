// Package accepting accepts connections for as long as a listener is open.
package accepting

import (
	"context"
	"errors"
	"net"
	"time"
)

// The pause after an accept that failed, as when the program has no file descriptors left, grows from the first to the
// second.
const (
	shortestPause = 5 * time.Millisecond
	longestPause  = time.Second
)

// Each calls accept, and serve with each connection, until accept returns net.ErrClosed or ctx ends; serve should not
// wait. failed is called with every other error of accept, which is tried again.
func Each[C net.Conn](ctx context.Context, accept func() (C, error), failed func(error), serve func(C)) {
	pause := shortestPause
	for {
		client, err := accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err == nil {
			pause = shortestPause
			serve(client)
			continue
		}
		failed(err)
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
		pause = min(2*pause, longestPause)
	}
}
