package cmd

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/pglite-toolbox/pglite/engine"
)

// restarts counts how often the server has ended by itself of late.
type restarts struct {
	count int
	last  time.Time
}

// A server that ended by itself is started again, unless that has happened too often within the time.
const (
	mostRestarts = 5
	restartsIn   = time.Minute
)

// restart starts the server again over the same data.
func (s *serving) restart(ctx context.Context, r *restarts) error {
	cause := errors.Join(s.db.Err(), s.db.Close())
	if time.Since(r.last) > restartsIn {
		r.count = 0
	}
	r.count, r.last = r.count+1, time.Now()
	if r.count > mostRestarts {
		return fmt.Errorf("the server has ended %d times in short order: %w", r.count, cause)
	}
	s.log.Error("the server has ended by itself and is started again", "error", cause)
	return s.takeBack(ctx)
}

// How long and how often serve tries to get its cluster back. A process that was attached starts the server itself when it is
// quicker; most are done with it soon.
const (
	takeBackPatience = 15 * time.Second
	takeBackPause    = 50 * time.Millisecond
)

// takeBack starts the server as soon as no other process runs it.
func (s *serving) takeBack(ctx context.Context) error {
	patience := time.NewTimer(takeBackPatience)
	defer patience.Stop()
	for told := false; ; told = true {
		err := s.start(ctx)
		if !errors.Is(err, engine.ErrLocked) {
			return err
		}
		if !told {
			s.log.Warn("waiting for the process that has started the server meanwhile", "error", err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-patience.C:
			return err
		case <-time.After(takeBackPause):
		}
	}
}
