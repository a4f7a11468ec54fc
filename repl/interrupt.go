package repl

import (
	"cmp"
	"context"
	"time"
)

// watch passes the end of ctx on to the server until the function it returns is called.
func (x *exchange) watch() (stop func()) {
	done, finished := make(chan struct{}), make(chan struct{})
	cancelling := context.AfterFunc(x.ctx, func() {
		defer close(finished)
		x.interrupt(done)
	})
	return func() {
		close(done)
		if !cancelling() {
			<-finished
		}
	}
}

// grace is how long is waited for what was asked to end.
func (s *Session) grace() time.Duration { return cmp.Or(s.Grace, 5*time.Second) }

// interrupt asks the server to cancel the statement and, when that does not help in time, closes the connection.
func (x *exchange) interrupt(done <-chan struct{}) {
	if x.cancelCopy(done) {
		return
	}
	ctx, stop := context.WithTimeout(context.Background(), x.grace())
	defer stop()
	if x.Cancel != nil {
		if err := x.Cancel(ctx); err != nil {
			x.Message(x.prefix() + "could not send the cancel request: " + err.Error() + "\n")
		}
	}
	select {
	case <-done:
	case <-ctx.Done():
		_ = x.Conn.Close()
	}
}
