package kernel

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"time"

	"github.com/pglite-toolbox/pglite/engine/internal/errno"
)

// Dial connects to the guest's Unix-domain socket at path as a client, whom the guest sees. While the listener has no
// room in its queue, Dial waits; when ctx ends that, it fails with the cause.
func (k *Kernel) Dial(ctx context.Context, path string, as Client) (*Conn, error) {
	if as.Local == nil {
		as.Local = UnixAddress(path)
	}
	if as.Remote == nil {
		as.Remote = UnixAddress("")
	}
	c, err := k.dialPatiently(ctx, path, as)
	if err != nil {
		return nil, err
	}
	return newConn(c.duplex), nil
}

func newConn(d *duplex) *Conn {
	return &Conn{
		in:  half{stream: d.in, q: &d.in.readers, p: newParker()},
		out: half{stream: d.out, q: &d.out.writers, p: newParker()},
	}
}

// Conn is the host's end of a connection to a guest process. It is a net.Conn and keeps its rules: one Read and
// one Write at a time may run together, Close and deadlines from any goroutine.
type Conn struct {
	in, out half
	closed  sync.Once
}

// half is one direction of a Conn.
type half struct {
	turn   sync.Mutex // one caller at a time
	stream *stream
	q      *waitQueue
	p      parker
	w      waiter

	mu       sync.Mutex // guards the next two
	deadline time.Time
	closed   bool
}

func (h *half) state() (deadline time.Time, closed bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.deadline, h.closed
}

// attempt runs op unless the half is closed or its time is over.
func (h *half) attempt(op func() (int, error)) (n int, deadline time.Time, err error) {
	deadline, closed := h.state()
	switch {
	case closed:
		return 0, deadline, net.ErrClosed
	case !deadline.IsZero() && !time.Now().Before(deadline):
		return 0, deadline, os.ErrDeadlineExceeded
	}
	if n, err = op(); n == 0 && err != errno.EAGAIN {
		if _, closed = h.state(); closed { // by now: what op has seen is only the consequence
			err = net.ErrClosed
		}
	}
	return n, deadline, err
}

// wait runs op until it does not block any more.
func (h *half) wait(op func() (int, error)) (int, error) {
	if n, _, err := h.attempt(op); err != errno.EAGAIN {
		return n, err
	}
	h.q.add(&h.w, &h.p)
	defer h.w.leave()
	for {
		n, deadline, err := h.attempt(op)
		if err != errno.EAGAIN {
			return n, err
		}
		h.p.park(deadline)
	}
}

// Read implements net.Conn.
func (c *Conn) Read(b []byte) (int, error) {
	c.in.turn.Lock()
	defer c.in.turn.Unlock()
	n, err := c.in.wait(func() (int, error) { return c.in.stream.read(b) })
	if n == 0 && err == nil && len(b) > 0 {
		err = io.EOF
	}
	return n, opError("read", err)
}

// Write implements net.Conn.
func (c *Conn) Write(b []byte) (done int, err error) {
	c.out.turn.Lock()
	defer c.out.turn.Unlock()
	for done < len(b) && err == nil {
		var n int
		n, err = c.out.wait(func() (int, error) { return c.out.stream.write(b[done:]) })
		done += n
	}
	return done, opError("write", err)
}

func opError(op string, err error) error {
	if err == nil || errors.Is(err, io.EOF) {
		return err
	}
	return &net.OpError{Op: op, Net: "pglite", Addr: guestAddr{}, Err: err}
}

// CloseWrite ends what the guest can read, as shutdown(2) does.
func (c *Conn) CloseWrite() error {
	c.out.stream.closeWrite()
	return nil
}

// Close implements net.Conn.
func (c *Conn) Close() error {
	c.closed.Do(func() {
		for _, h := range []*half{&c.in, &c.out} {
			h.mu.Lock()
			h.closed = true
			h.mu.Unlock()
			h.p.unpark()
		}
		c.in.stream.closeRead()
		c.out.stream.closeWrite()
	})
	return nil
}

func (h *half) setDeadline(t time.Time) {
	h.mu.Lock()
	h.deadline = t
	h.mu.Unlock()
	h.p.unpark()
}

// SetDeadline implements net.Conn.
func (c *Conn) SetDeadline(t time.Time) error {
	c.in.setDeadline(t)
	c.out.setDeadline(t)
	return nil
}

// SetReadDeadline implements net.Conn.
func (c *Conn) SetReadDeadline(t time.Time) error {
	c.in.setDeadline(t)
	return nil
}

// SetWriteDeadline implements net.Conn.
func (c *Conn) SetWriteDeadline(t time.Time) error {
	c.out.setDeadline(t)
	return nil
}

type guestAddr struct{}

func (guestAddr) Network() string { return "pglite" }
func (guestAddr) String() string  { return "pglite" }

// LocalAddr implements net.Conn.
func (c *Conn) LocalAddr() net.Addr { return guestAddr{} }

// RemoteAddr implements net.Conn.
func (c *Conn) RemoteAddr() net.Addr { return guestAddr{} }
