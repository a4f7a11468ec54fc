package cmd

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/pglite-toolbox/pglite/engine"
)

// releasing is a cluster that a command has opened for its own use. While it was open other commands may have attached to it: they
// finish their transactions before it is shut down. An interrupt that ended one of our statements does not change that, only one
// during the waiting does; nobody is waited for after SIGTERM.
type releasing struct {
	*engine.DB
	terminated context.Context
	forget     func() // of terminated
	progress   func(string)
}

func newReleasing(db *engine.DB, progress func(string)) releasing {
	terminated, forget := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	return releasing{db, terminated, forget, progress}
}

// waitingLong is when the user is told why the command does not end: later than sessions that have just become idle are waited for.
const waitingLong = 2 * time.Second

// Close lets go of the cluster.
func (r releasing) Close() error {
	defer r.forget()
	ctx, stop := signal.NotifyContext(r.terminated, os.Interrupt)
	defer stop()
	if r.progress != nil {
		timer := time.AfterFunc(waitingLong, func() {
			if r.AttachedSessions() == 0 {
				r.progress("shutting down")
				return
			}
			r.progress("shutting down, after the transactions of other processes that are attached; interrupt to roll them back")
		})
		defer timer.Stop()
	}
	return r.Release(ctx)
}
