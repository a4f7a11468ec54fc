package kernel

import (
	"errors"
	"io"
	"sync"
	"syscall"

	"github.com/pglite-toolbox/pglite/engine/internal/errno"
)

// Terminal tells which of the standard streams are a terminal.
type Terminal struct {
	Is   [3]bool
	Size func() (columns, rows int)
	// Echo makes the terminal show what is typed, or not: programs that ask for a password turn it off. It may be nil.
	Echo func(on bool) error

	mu     sync.Mutex
	silent bool // nothing is shown
}

// Echoes reports whether what is typed is shown.
func (t *Terminal) Echoes() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return !t.silent
}

// SetEcho turns Echo on or off, unless it is so.
func (t *Terminal) SetEcho(on bool) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.Echo == nil || t.silent == !on {
		return nil
	}
	if err := t.Echo(on); err != nil {
		return err
	}
	t.silent = !on
	return nil
}

// Restore turns Echo on again after a program that has ended without doing that. Safe for nil.
func (t *Terminal) Restore() {
	if t != nil {
		_ = t.SetEcho(true)
	}
}

// at returns t when descriptor fd is a terminal.
func (t *Terminal) at(fd int) *Terminal {
	if t == nil || !t.Is[fd] {
		return nil
	}
	return t
}

// hostStream is a standard stream that the host reads or writes.
type hostStream struct {
	r        io.Reader
	w        io.Writer
	terminal *Terminal

	start sync.Once
	fed   *stream     // what has been read from r
	turn  *sync.Mutex // of who writes to w, which another stream may write to as well

	mu     sync.Mutex
	failed error // the first error of r or w
}

// fail notes an error of the host, of which the first is kept.
func (h *hostStream) fail(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.failed == nil {
		h.failed = err
	}
}

// StandardErrors returns the first errors of the reader and of the writer that the host has given for standard input
// and output. The guest's program may not have looked at them. The end of the input and a reader that has gone away are
// none.
func (p *Process) StandardErrors() (in, out error) {
	of := func(fd int) error {
		h := p.standard[fd]
		if h == nil {
			return nil
		}
		h.mu.Lock()
		defer h.mu.Unlock()
		return h.failed
	}
	return of(0), of(1)
}

func hostInput(r io.Reader, t *Terminal) *hostStream {
	return &hostStream{r: r, terminal: t, fed: &stream{}}
}

func hostOutput(w io.Writer, t *Terminal) *hostStream {
	if w == nil {
		w = io.Discard
	}
	return &hostStream{w: w, terminal: t, fed: &stream{}, turn: new(sync.Mutex)}
}

// hostOutputs are standard output and error. When they are one writer, it need not be safe for concurrent use, as in
// os/exec.
func hostOutputs(stdout, stderr io.Writer, t *Terminal) (out, errs *hostStream) {
	out, errs = hostOutput(stdout, t.at(1)), hostOutput(stderr, t.at(2))
	if same(stdout, stderr) {
		errs.turn = out.turn
	}
	return out, errs
}

// same reports whether two writers are the same; of those that cannot be compared nobody knows.
func same(a, b io.Writer) (yes bool) {
	defer func() { _ = recover() }()
	return a == b
}

func (h *hostStream) close() { h.fed.closeRead() }

// feed copies the host's reader into the stream: the guest's reading can be interrupted, a Go reader cannot.
// It ends with the reader, or at the first block after the guest has closed the stream.
func (h *hostStream) feed() {
	defer h.fed.closeWrite()
	if h.r == nil {
		return
	}
	b := make([]byte, streamLimit/2)
	p := newParker()
	for {
		n, err := h.r.Read(b)
		for rest := b[:n]; len(rest) > 0; {
			m, e := h.fed.write(rest)
			rest = rest[m:]
			if e == errno.EAGAIN {
				h.fed.await(&p)
			} else if e != nil {
				return
			}
		}
		if err != nil {
			if !errors.Is(err, io.EOF) {
				h.fail(err)
			}
			return
		}
	}
}

// await parks until the stream may take more.
func (s *stream) await(p *parker) {
	var w waiter
	s.writers.add(&w, p)
	defer w.leave()
	for {
		if s.state().writable(1) {
			return
		}
		p.park(noDeadline)
	}
}

func (h *hostStream) read(b []byte) (int, error) {
	h.start.Do(func() { go h.feed() })
	return h.fed.read(b)
}

func (h *hostStream) write(b []byte) (int, error) {
	if h.w == nil {
		return 0, errno.EBADF
	}
	h.turn.Lock()
	defer h.turn.Unlock()
	n, err := h.w.Write(b)
	if err == nil {
		return n, nil
	}
	number := outputErrno(err)
	if errno.Of(err) != errno.EPIPE {
		h.fail(err)
	}
	return n, number
}

// outputErrno returns what the guest is told about an error of the host's writer. Those of files are as they are. Any
// other is taken for a reader that has gone away, so that the program ends.
func outputErrno(err error) errno.Errno {
	switch n := errno.Of(err); n {
	case errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.ENXIO:
		return n
	case errno.EIO:
		if host := syscall.Errno(0); errors.As(err, &host) {
			return n
		}
	}
	return errno.EPIPE
}

func (h *hostStream) queues() (in, out *waitQueue) { return &h.fed.readers, &h.fed.readers }

func (h *hostStream) poll() (revents int16) {
	if h.w != nil {
		return PollOut
	}
	h.start.Do(func() { go h.feed() })
	if h.fed.state().readable() {
		revents |= PollIn
	}
	return revents
}

// Terminal returns the terminal behind fd, ENOTTY when it is none.
func (p *Process) Terminal(fd int32) (*Terminal, error) {
	d, err := p.fds.get(fd)
	if err != nil {
		return nil, err
	}
	h, ok := d.object.(*hostStream)
	if !ok || h.terminal == nil {
		return nil, errno.ENOTTY
	}
	return h.terminal, nil
}
