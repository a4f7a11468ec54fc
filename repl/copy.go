package repl

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/pglite-toolbox/pglite/repl/lex"
)

// copyIn sends the data of COPY … FROM STDIN in a goroutine of its own, so that what the server says meanwhile is read.
type copyIn struct {
	done   chan struct{}
	failed atomic.Bool // the server has given up: read the data to its end but send nothing more

	sending sync.Mutex // guards what follows, and sending itself
	ended   bool       // the end of the data was sent
	err     error      // of sending
}

// beginCopy starts to send data, for a COPY that is in the query string. A server that asks for data otherwise is broken
// or has evil in mind.
func (x *exchange) beginCopy(binary bool) error {
	if !x.copies.next() {
		return x.abort("unexpected COPY_IN result, aborting connection")
	}
	x.hintCopy(x.stdout())
	c := &copyIn{done: make(chan struct{})}
	x.copying.Store(c)
	x.midCopy = true
	go func() {
		defer close(c.done)
		x.sendCopy(c, binary)
	}()
	return nil
}

// sendCopy sends the data and says how it ended. Errors of reading it are the server's to report; it gets them as the
// reason to fail.
func (x *exchange) sendCopy(c *copyIn, binary bool) {
	var broken error
	if data := x.copies.data; data != nil {
		marked := !binary && data == x.Input // in a file the server decides what the line means
		broken = data.CopyData(marked, func(data []byte) { x.sendData(c, data) })
	}
	c.sending.Lock()
	defer c.sending.Unlock()
	if errors.Is(broken, lex.ErrInterrupt) || x.ctx.Err() != nil {
		x.sendEnd(c, cancelled)
	} else if broken != nil {
		x.sendEnd(c, &pgproto3.CopyFail{Message: "could not read the data: " + broken.Error()})
	} else {
		x.sendEnd(c, &pgproto3.CopyDone{})
	}
}

// sendData sends a piece of the data, unless there is no use in it any more.
func (x *exchange) sendData(c *copyIn, data []byte) {
	c.sending.Lock()
	defer c.sending.Unlock()
	if c.err != nil || c.ended || c.failed.Load() {
		return
	}
	x.Frontend.Send(&pgproto3.CopyData{Data: data})
	c.err = x.flush()
	if x.ctx.Err() != nil {
		x.sendEnd(c, cancelled)
	}
}

// cancelled is what psql tells the server when the user interrupts a COPY.
var cancelled = &pgproto3.CopyFail{Message: "canceled by user"}

// sendEnd ends the data, once. The caller holds c.sending.
func (x *exchange) sendEnd(c *copyIn, end pgproto3.FrontendMessage) {
	if c.err != nil || c.ended || c.failed.Load() {
		return
	}
	c.ended = true
	x.Frontend.Send(end)
	if x.extended {
		x.Frontend.SendSync(&pgproto3.Sync{}) // the first one was ignored, because it came during the COPY
	}
	c.err = x.flush()
}

// sendPatience is how long data that is being sent may keep the end of a COPY from being sent. A server that takes
// longer reads nothing, so it has to be asked to cancel.
const sendPatience = 500 * time.Millisecond

// cancelCopy ends a COPY whose data is being sent or waited for, and reports whether the server has obeyed. As in psql
// this comes before a cancel request: the server answers that the user has cancelled the COPY.
func (x *exchange) cancelCopy(done <-chan struct{}) (obeyed bool) {
	c := x.copying.Load()
	if c == nil {
		return false
	}
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		c.sending.Lock()
		defer c.sending.Unlock()
		x.sendEnd(c, cancelled)
	}()
	select {
	case <-done:
		return true
	case <-time.After(sendPatience):
		return false
	case <-sent:
	}
	select {
	case <-done:
		return true
	case <-time.After(x.grace() / 2): // it is busy with the data that it has, so it has to be asked to cancel
		return false
	}
}

// endCopy waits until all data of a COPY is read, so that the script can continue behind it. When ctx has ended it does
// not wait for data that may never come, or for a shell, which goes on, no longer than the session's grace; the session
// is of no use then.
func (x *exchange) endCopy() error {
	c := x.copying.Swap(nil)
	if c == nil {
		return nil
	}
	defer func() { x.midCopy = false }()
	select {
	case <-c.done:
		return c.err
	case <-x.ctx.Done():
	}
	if x.interactive() {
		select {
		case <-c.done:
			return c.err
		case <-time.After(x.grace()):
		}
	}
	c.failed.Store(true) // what still waits to send finds that there is no use in it
	x.unusable = &ConnectionError{Err: fmt.Errorf("the data for COPY was not read to its end: %w", context.Cause(x.ctx))}
	return nil
}

// failCopy ends a COPY that the server has given up.
func (x *exchange) failCopy() error {
	c := x.copying.Load()
	if c == nil {
		return nil
	}
	c.failed.Store(true)
	if err := x.endCopy(); err != nil || x.unusable != nil {
		return err
	}
	if x.extended && !c.ended {
		return x.sync()
	}
	return nil
}
