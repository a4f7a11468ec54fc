package cmd

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/pglite-toolbox/pglite/engine"
)

// interruptible lets the terminal's interrupts end a statement of psql, and psql live on, when it has a terminal. Any other program, and
// psql with a script, is ended by them.
func interruptible(ctx context.Context, t *engine.Tool) (context.Context, func()) {
	if t.Name != "psql" || t.Terminal == nil || !t.Terminal.Is[0] {
		return ctx, func() {}
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	interrupts := make(chan struct{})
	t.Interrupts = interrupts
	go func() {
		for s := range signals {
			if s != os.Interrupt {
				cancel()
				continue
			}
			select {
			case interrupts <- struct{}{}:
			case <-ctx.Done():
			}
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		cancel()
		close(signals)
	}
}
