package engine

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"github.com/pglite-toolbox/pglite/engine/internal/kernel"
	"github.com/pglite-toolbox/pglite/engine/internal/machine"
)

// slowEngine is an engine whose loads wait for the test, or for the end of their ctx.
type slowEngine struct {
	begun, end chan struct{}
	loads      atomic.Int32
}

func (e *slowEngine) Name() string { return "slow" }

func (e *slowEngine) Close() error { return nil }

func (e *slowEngine) Load(ctx context.Context, _ machine.Source, _ func(string)) (kernel.Program, error) {
	e.loads.Add(1)
	e.begun <- struct{}{}
	select {
	case <-e.end:
		return kernel.Builtin("loaded"), nil
	case <-ctx.Done():
		e.begun <- struct{}{} // it has seen the end
		return nil, ctx.Err()
	}
}

func slowPrograms() (*programs, *slowEngine) {
	e := &slowEngine{begun: make(chan struct{}), end: make(chan struct{})}
	return &programs{engine: e, loaded: map[string]*program{}}, e
}

// ask begins get in a goroutine; its error comes by the channel.
func ask(ctx context.Context, p *programs) <-chan error {
	result := make(chan error, 1)
	go func() {
		_, err := p.get(ctx, "postgres", func(string) {})
		result <- err
	}()
	return result
}

// TestCancelEndsTheWait: a cancelled caller goes, and the load that nobody waits for ends; the next caller begins a new
// one.
func TestCancelEndsTheWait(t *testing.T) {
	t.Parallel()
	p, e := slowPrograms()
	ctx, cancel := context.WithCancel(t.Context())
	first := ask(ctx, p)
	<-e.begun
	cancel()
	if err := <-first; !errors.Is(err, context.Canceled) {
		t.Errorf("the cancelled caller: %v", err)
	}
	<-e.begun // the load has ended, too
	second := ask(t.Context(), p)
	<-e.begun
	close(e.end)
	if err := <-second; err != nil || e.loads.Load() != 2 {
		t.Errorf("the next caller: %v, after %d loads", err, e.loads.Load())
	}
	if _, err := p.get(ctx, "postgres", nil); err != nil {
		t.Errorf("what is loaded needs no wait: %v", err)
	}
}

// TestCancelLeavesOthers: the load goes on for those who still wait.
func TestCancelLeavesOthers(t *testing.T) {
	t.Parallel()
	p, e := slowPrograms()
	ctx, cancel := context.WithCancel(t.Context())
	first := ask(ctx, p)
	<-e.begun
	other := p.join(t.Context(), "postgres", func(string) {})
	cancel()
	if err := <-first; !errors.Is(err, context.Canceled) {
		t.Errorf("the cancelled caller: %v", err)
	}
	close(e.end)
	<-other.done
	if other.err != nil || e.loads.Load() != 1 {
		t.Errorf("the other caller: %v, after %d loads", other.err, e.loads.Load())
	}
	p.leave("postgres", other)
	if _, err := p.get(t.Context(), "postgres", nil); err != nil || e.loads.Load() != 1 {
		t.Errorf("afterwards: %v, after %d loads", err, e.loads.Load())
	}
}
