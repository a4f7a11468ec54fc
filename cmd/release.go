package cmd

import (
	"context"
	"time"

	"github.com/pglite-toolbox/pglite/engine"
)

// releasing is a cluster that a command has opened for its own use. While it was open other commands may have attached to it: they
// finish their transactions before it is shut down, unless the command is interrupted.
type releasing struct {
	*engine.DB
	ctx      context.Context
	progress func(string)
}

// waitingLong is when the user is told why the command does not end.
const waitingLong = time.Second

// Close lets go of the cluster.
func (r releasing) Close() error {
	if r.progress != nil {
		timer := time.AfterFunc(waitingLong, func() { r.progress("shutting down, after the transactions of other processes that are attached") })
		defer timer.Stop()
	}
	return r.Release(r.ctx)
}
