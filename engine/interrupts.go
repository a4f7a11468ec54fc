package engine

import "github.com/pglite-toolbox/pglite/engine/internal/kernel"

// interrupting passes interrupts on to p until the function that it returns is called.
func interrupting(p *kernel.Process, interrupts <-chan struct{}) (stop func()) {
	if interrupts == nil {
		return func() {}
	}
	ended, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-ended:
				return
			case _, ok := <-interrupts:
				if !ok {
					return
				}
				p.Signal(kernel.SIGINT)
			}
		}
	}()
	return func() {
		close(ended)
		<-stopped
	}
}
