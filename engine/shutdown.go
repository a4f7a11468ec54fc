package engine

import (
	"context"
	"errors"
	"time"

	"github.com/pglite-toolbox/pglite/engine/internal/kernel"
	"github.com/pglite-toolbox/pglite/engine/internal/relay"
)

// How long the steps of a shutdown may take before the next, harder one.
const (
	fastPatience      = 60 * time.Second
	immediatePatience = 5 * time.Second
)

func (s *ownServer) close() error { return s.stop(kernel.SIGINT, fastPatience) }

func (s *ownServer) closeImmediately() error {
	select {
	case s.hurry <- struct{}{}:
	default:
	}
	return s.stop(kernel.SIGQUIT, immediatePatience)
}

// release waits for the transactions of attached sessions, then closes.
func (s *ownServer) release(ctx context.Context) error {
	if s.attach != nil {
		s.attach.stop()
		ticker := time.NewTicker(releasePause)
		defer ticker.Stop()
		begun := time.Now()
		for !s.attach.idle(relay.QuietAfter(time.Since(begun))) && ctx.Err() == nil && s.gone() == nil {
			select {
			case <-ctx.Done():
			case <-ticker.C:
			}
		}
	}
	return s.close()
}

func (s *ownServer) stop(sig kernel.Signal, patience time.Duration) error {
	s.closing.Do(func() {
		defer close(s.closed)
		s.down.Store(true)
		s.attach.stop()
		s.err = s.shutdown(sig, patience)
		s.attach.end()
		s.guest.close()
	})
	<-s.closed
	return s.err
}

func (s *ownServer) shutdown(sig kernel.Signal, patience time.Duration) error {
	select {
	case <-s.postmaster.Done():
		return s.ended("run")
	default:
	}
	if sig == kernel.SIGINT && s.failed.Load() {
		s.settle()
	}
	s.postmaster.Signal(sig)
	if s.wait(patience, sig == kernel.SIGINT) {
		if status, _ := s.postmaster.Wait(context.Background()); status != kernel.Exited(0) && sig == kernel.SIGINT {
			return s.ended("stop")
		}
		return nil
	}
	s.postmaster.Signal(kernel.SIGQUIT)
	if s.wait(immediatePatience, false) {
		return s.ended("stop")
	}
	return &ServerError{Doing: "stop", Cause: errors.New("it does not answer and was killed"), Log: s.log.String()}
}

// wait waits for the postmaster's end; it gives up after d, and of a fast shutdown on CloseImmediately and when the end
// cannot come.
//
// PostgreSQL's fast shutdown never ends when it begins while the server recovers from a crash: the postmaster waits for
// its checkpointer, which it sends SIGTERM (postmaster.c, PM_STOP_BACKENDS with FatalError), and the checkpointer
// ignores that (checkpointer.c). Then an immediate shutdown is what is left, and loses nothing: there is no checkpoint
// to write before the recovery is done.
func (s *ownServer) wait(d time.Duration, fast bool) bool {
	const interval = 20 * time.Millisecond
	timer, ticker := time.NewTimer(d), time.NewTicker(interval)
	defer timer.Stop()
	defer ticker.Stop()
	var hurry chan struct{}
	if fast {
		hurry = s.hurry
	}
	for {
		select {
		case <-hurry:
			return false
		case <-s.postmaster.Done():
			return true
		case <-timer.C:
			return false
		case <-ticker.C:
			if fast && s.postmaster.AsksInVain() {
				return false
			}
		}
	}
}
