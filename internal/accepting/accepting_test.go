package accepting

import (
	"context"
	"errors"
	"net"
	"testing"
)

// TestEach goes on after errors, and ends with the listener or the context.
func TestEach(t *testing.T) {
	t.Parallel()
	none := errors.New("too many open files")
	answers := []error{nil, none, none, nil, net.ErrClosed}
	var failures, served int
	Each(t.Context(), func() (net.Conn, error) {
		err := answers[0]
		answers = answers[1:]
		return nil, err
	}, func(err error) {
		if errors.Is(err, none) {
			failures++
		}
	}, func(net.Conn) { served++ })
	if failures != 2 || served != 2 || len(answers) != 0 {
		t.Errorf("%d failures, %d served, not asked for: %v", failures, served, answers)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	tries := 0
	Each(ctx, func() (net.Conn, error) { tries++; return nil, none }, func(error) {}, func(net.Conn) {})
	if tries != 1 {
		t.Errorf("%d tries after the context's end", tries)
	}
}
