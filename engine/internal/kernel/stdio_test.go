package kernel

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/iotest"

	"github.com/pglite-toolbox/pglite/engine/internal/errno"
)

func TestStandardInput(t *testing.T) {
	text := string(pattern(3*streamLimit + 11))
	for name, r := range map[string]io.Reader{
		"whole":        strings.NewReader(text),
		"byte by byte": iotest.OneByteReader(strings.NewReader(text)),
		"with error":   iotest.DataErrReader(io.MultiReader(strings.NewReader(text), iotest.ErrReader(errors.New("broken")))),
	} {
		t.Run(name, func(t *testing.T) {
			b := newBox(t)
			p := b.startWith(Command{Stdin: r}, func(g *guest) {
				n, err := g.Poll(pollfds(pollfd{0, PollIn, 0}), -1)
				g.is(n == 1 && err == nil, "poll %d %v", n, err)
				b := make([]byte, len(text))
				g.readFull(0, b)
				g.is(string(b) == text, "other bytes")
				g.expect(0, "")
				n, err = g.Poll(pollfds(pollfd{0, PollIn, 0}), -1) // the end is readable
				g.is(n == 1 && err == nil, "poll %d %v", n, err)
			})
			wantStatus(t, p, Exited(0))
		})
	}
}

// TestUnreadInput: who feeds the input ends when the process has, even though most was not read.
func TestUnreadInput(t *testing.T) {
	b := newBox(t)
	p := b.startWith(Command{Stdin: bytes.NewReader(pattern(10 * streamLimit))}, func(g *guest) {
		g.expect(0, "0")
	})
	wantStatus(t, p, Exited(0))
	// newBox's cleanup counts goroutines.
}

// oneAtATime is a writer that is not safe for concurrent use, and notices it.
type oneAtATime struct {
	inside, together atomic.Int32
	text             []byte
}

func (w *oneAtATime) Write(b []byte) (int, error) {
	if w.inside.Add(1) > 1 {
		w.together.Add(1)
	}
	defer w.inside.Add(-1)
	runtime.Gosched()
	w.text = append(w.text, b...)
	return len(b), nil
}

func TestOutputAndErrorInOneWriter(t *testing.T) {
	const rounds = 500
	w := &oneAtATime{}
	p := newBox(t).startWith(Command{Stdout: w, Stderr: w}, func(g *guest) {
		child := g.fork(func(c *guest) {
			for range rounds {
				c.send(2, "e")
			}
		})
		for range rounds {
			g.send(1, "o")
		}
		g.reap(child, Exited(0))
	})
	wantStatus(t, p, Exited(0))
	if n := w.together.Load(); n > 0 || len(w.text) != 2*rounds {
		t.Errorf("%d writes met another one, %d bytes of %d have arrived", n, len(w.text), 2*rounds)
	}
}

// listWriter cannot be compared.
type listWriter []io.Writer

func (l listWriter) Write(b []byte) (int, error) { return l[0].Write(b) }

func TestWritersThatCannotBeCompared(t *testing.T) {
	var out, errs bytes.Buffer
	p := newBox(t).startWith(Command{Stdout: listWriter{&out}, Stderr: listWriter{&errs}}, func(g *guest) {
		g.send(1, "o")
		g.send(2, "e")
	})
	wantStatus(t, p, Exited(0))
	if out.String() != "o" || errs.String() != "e" {
		t.Errorf("output %q, error %q", &out, &errs)
	}
}

type brokenWriter struct{}

func (brokenWriter) Write(b []byte) (int, error) { return len(b) / 2, errors.New("nobody reads") }

func TestBrokenStandardOutput(t *testing.T) {
	b := newBox(t)
	p := b.startWith(Command{Stdout: brokenWriter{}}, func(g *guest) {
		n, err := g.Write(1, []byte("abcd"))
		g.is(n == 2 && err == nil, "write %d %v", n, err)
		_, err = g.Write(1, []byte("x"))
		g.want(err, errno.EPIPE)
		g.dispatch()
	})
	wantStatus(t, p, Signaled(SIGPIPE))
}

// failingWriter fails after so many bytes.
type failingWriter struct {
	room int
	err  error
}

func (w *failingWriter) Write(b []byte) (int, error) {
	n := min(len(b), w.room)
	w.room -= n
	if n < len(b) {
		return n, &fs.PathError{Op: "write", Path: "out", Err: w.err}
	}
	return n, nil
}

// TestFailingStandardOutput: the guest learns why its output cannot be written, and the host learns it even when the
// guest does not tell. That the reader has gone away is a signal to the guest and no error to the host.
func TestFailingStandardOutput(t *testing.T) {
	for name, test := range map[string]struct {
		host   error
		guest  errno.Errno
		status Status
		told   bool
	}{
		"full":    {errno.ENOSPC, errno.ENOSPC, Exited(0), true},
		"quota":   {errno.EDQUOT, errno.EDQUOT, Exited(0), true},
		"limit":   {errno.EFBIG, errno.EFBIG, Exited(0), true},
		"broken":  {errors.New("broken"), errno.EPIPE, Signaled(SIGPIPE), true},
		"closed":  {io.ErrClosedPipe, errno.EPIPE, Signaled(SIGPIPE), false},
		"no pipe": {errno.EPIPE, errno.EPIPE, Signaled(SIGPIPE), false},
	} {
		t.Run(name, func(t *testing.T) {
			p := newBox(t).startWith(Command{Stdout: &failingWriter{2, test.host}}, func(g *guest) {
				n, err := g.Write(1, []byte("abcd"))
				g.is(n == 2 && err == nil, "write %d %v", n, err)
				_, err = g.Write(1, []byte("x"))
				g.want(err, test.guest)
				g.dispatch()
			})
			wantStatus(t, p, test.status)
			if in, out := p.StandardErrors(); in != nil || errors.Is(out, test.host) != test.told {
				t.Errorf("told %v, %v", in, out)
			}
		})
	}
}

// TestFailingStandardInput: to the guest it is the end.
func TestFailingStandardInput(t *testing.T) {
	broken := errors.New("broken")
	p := newBox(t).startWith(Command{Stdin: io.MultiReader(strings.NewReader("ab"), iotest.ErrReader(broken))}, func(g *guest) {
		g.expect(0, "ab")
		g.expect(0, "")
	})
	wantStatus(t, p, Exited(0))
	if in, out := p.StandardErrors(); !errors.Is(in, broken) || out != nil {
		t.Errorf("told %v, %v", in, out)
	}
}

func TestTerminal(t *testing.T) {
	b := newBox(t)
	terminal := &Terminal{Is: [3]bool{0: true, 2: true}}
	p := b.startWith(Command{Stdin: strings.NewReader(""), Terminal: terminal}, func(g *guest) {
		got, err := g.Terminal(0)
		g.is(got == terminal && err == nil, "%v %v", got, err)
		_, err = g.Terminal(1)
		g.want(err, errno.ENOTTY)
		_, err = g.Terminal(2)
		g.ok(err)
		r, _ := g.pipe(0)
		_, err = g.Terminal(r)
		g.want(err, errno.ENOTTY)
		_, err = g.Terminal(99)
		g.want(err, errno.EBADF)
	})
	wantStatus(t, p, Exited(0))
}

// TestTerminalEcho: the host hears of changes only, and a program that has ended leaves the terminal as it was.
func TestTerminalEcho(t *testing.T) {
	var heard []bool
	terminal := &Terminal{Echo: func(on bool) error {
		heard = append(heard, on)
		return nil
	}}
	for _, on := range []bool{true, false, false, true, false} {
		if err := terminal.SetEcho(on); err != nil || terminal.Echoes() != on {
			t.Errorf("%v, %v", terminal.Echoes(), err)
		}
	}
	terminal.Restore()
	terminal.Restore()
	if !slices.Equal(heard, []bool{false, true, false, true}) {
		t.Errorf("heard %v", heard)
	}
	broken := &Terminal{Echo: func(bool) error { return errors.New("no") }}
	if err := broken.SetEcho(false); err == nil || !broken.Echoes() {
		t.Errorf("%v, %v", broken.Echoes(), err)
	}
	(*Terminal)(nil).Restore()
}

func TestDeviceNamesOfStandardStreams(t *testing.T) {
	b := newBox(t)
	var out bytes.Buffer
	p := b.startWith(Command{Stdin: strings.NewReader("in"), Stdout: &out}, func(g *guest) {
		g.expect(g.openFile("/dev/stdin", 0), "in")
		g.send(g.openFile("/dev/fd/1", 1), "out")
	})
	wantStatus(t, p, Exited(0))
	if out.String() != "out" {
		t.Errorf("output %q", out.String())
	}
}
