package kernel

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pglite-toolbox/pglite/engine/internal/errno"
)

// fickle is a receiver that takes as much as it likes, without waiting sometimes nothing.
type fickle struct {
	mu     sync.Mutex
	random *rand.Rand
	got    []byte
	calls  map[string]int // that took something, by the way
	broken bool
}

var errBroken = errors.New("the receiver is broken")

func newFickle() *fickle {
	return &fickle{random: rand.New(rand.NewPCG(1, 2)), calls: map[string]int{}}
}

// take takes what of b it likes, all of it unless it is fickle this way.
func (f *fickle) take(way string, b []byte, fickle bool) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.broken {
		return 0, errBroken
	}
	n := len(b)
	if fickle {
		switch f.random.IntN(3) {
		case 0:
			return 0, errno.EAGAIN
		case 1:
			n = 1 + f.random.IntN(n)
		}
	}
	f.calls[way]++
	f.got = append(f.got, b[:n]...)
	return n, nil
}

func (f *fickle) wait() {
	f.mu.Lock()
	d := time.Duration(f.random.IntN(50)) * time.Microsecond
	f.mu.Unlock()
	time.Sleep(d)
}

// Write implements io.Writer.
func (f *fickle) Write(b []byte) (int, error) {
	f.wait()
	return f.take("waiting", b, false)
}

// TryWrite implements DirectWriter.
func (f *fickle) TryWrite(b []byte) (int, error) { return f.take("direct", b, true) }

// Await implements DirectWriter.
func (f *fickle) Await(ready func(func([]byte) (int, error)) bool) error {
	for !ready(func(b []byte) (int, error) { return f.take("awaited", b, true) }) {
		f.wait()
	}
	return nil
}

// TestCopyToKeepsTheOrder however the bytes go.
func TestCopyToKeepsTheOrder(t *testing.T) {
	sent := pattern(1 << 20)
	for _, ways := range [][]string{{"waiting"}, {"direct", "awaited"}} {
		c, p := dialed(t, func(g *guest, fd int32) {
			g.expect(fd, "go")
			for i, rest := 0, sent; len(rest) > 0; i++ {
				n := min(len(rest), i*37%5000+1)
				g.send(fd, string(rest[:n]))
				rest = rest[n:]
				if i%50 == 0 { // let the receiver keep up, so that the queue is empty at times
					g.eventually("room", func() bool { return g.queued(fd) == 0 })
				}
			}
		})
		_, _ = c.Write([]byte("go"))
		f := newFickle()
		var direct DirectWriter
		if len(ways) > 1 {
			direct = f
		}
		if err := c.CopyTo(f, direct); err != nil {
			t.Error(err)
		}
		if !bytes.Equal(f.got, sent) {
			t.Errorf("%d bytes arrive of %d, or in another order", len(f.got), len(sent))
		}
		for _, way := range ways {
			if f.calls[way] == 0 {
				t.Errorf("nothing went %s: the way was not tested", way)
			}
		}
		if len(f.calls) != len(ways) {
			t.Errorf("bytes went %v, want %v", f.calls, ways)
		}
		wantStatus(t, p, Exited(0))
	}
}

// queued counts the bytes that fd's peer has not taken.
func (g *guest) queued(fd int32) int {
	d, err := g.fds.get(fd)
	g.ok(err)
	return d.object.(*socket).connected.Load().out.state().count
}

// TestCopyToABrokenReceiver ends, and the guest's writes fail, whichever way it is found out.
func TestCopyToABrokenReceiver(t *testing.T) {
	for name, direct := range map[string]func(*fickle) DirectWriter{
		"waiting": func(*fickle) DirectWriter { return nil },
		"awaited": func(f *fickle) DirectWriter { return neverDirect{f} },
		"closed":  func(f *fickle) DirectWriter { return neverReady{f} },
	} {
		t.Run(name, func(t *testing.T) {
			f := newFickle()
			f.broken = true
			c, p := dialed(t, func(g *guest, fd int32) {
				g.ignore(SIGPIPE)
				for {
					if _, err := g.Write(fd, pattern(1000)); err != nil {
						g.want(err, errno.EPIPE)
						return
					}
				}
			})
			if err := c.CopyTo(f, direct(f)); !errors.Is(err, errBroken) {
				t.Errorf("error %v", err)
			}
			_ = c.Close()
			wantStatus(t, p, Exited(0))
		})
	}
}

// neverDirect is a receiver that takes nothing directly.
type neverDirect struct{ *fickle }

func (neverDirect) TryWrite([]byte) (int, error) { return 0, errno.EAGAIN }

// neverReady is a receiver that takes nothing directly, and breaks while that is waited for.
type neverReady struct{ *fickle }

func (neverReady) TryWrite([]byte) (int, error) { return 0, errno.EAGAIN }

func (neverReady) Await(ready func(func([]byte) (int, error)) bool) error {
	if ready(neverReady{}.TryWrite) {
		return nil
	}
	return errBroken
}

// TestCopyToTellsTheGuest that the receiver is broken by the write that finds it out, although nothing is in the queue.
func TestCopyToTellsTheGuest(t *testing.T) {
	f := newFickle()
	f.broken = true
	c, p := dialed(t, func(g *guest, fd int32) {
		g.ignore(SIGPIPE)
		g.expect(fd, "go")
		_, err := g.Write(fd, pattern(1000))
		g.want(err, errno.EPIPE)
	})
	done := make(chan error)
	go func() { done <- c.CopyTo(f, f) }()
	eventually(t, "direct writing", func() bool {
		c.in.stream.mu.Lock()
		defer c.in.stream.mu.Unlock()
		return c.in.stream.direct != nil
	})
	_, _ = c.Write([]byte("go"))
	wantStatus(t, p, Exited(0))
	if err := <-done; err != nil { // the guest has closed its end
		t.Error(err)
	}
	if c.in.stream.direct != nil {
		t.Error("the guest still writes directly")
	}
}

// busy is a receiver that takes nothing without waiting while it is set.
type busy struct {
	atomic.Bool
	mu  sync.Mutex
	got int
}

func (r *busy) TryWrite(b []byte) (int, error) {
	if r.Load() {
		return 0, errno.EAGAIN
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.got += len(b)
	return len(b), nil
}

func (r *busy) Await(ready func(func([]byte) (int, error)) bool) error {
	for !ready(func(b []byte) (int, error) {
		n, err := r.TryWrite(b)
		time.Sleep(10 * time.Microsecond) // the receiver may have it long before this has returned
		return n, err
	}) {
		runtime.Gosched()
	}
	return nil
}

func (r *busy) has() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.got
}

// TestCopyToIsASocket: when the receiver has all that was queued, the next write is there as soon as it is written.
// Otherwise another process's message, written later, could be seen first.
func TestCopyToIsASocket(t *testing.T) {
	r := &busy{}
	c, p := dialed(t, func(g *guest, fd int32) {
		g.expect(fd, "go")
		for i := range 2000 {
			r.Store(true)
			g.send(fd, "queued")
			r.Store(false)
			for r.has() < i*len("queueddirect")+len("queued") {
				runtime.Gosched()
			}
			g.send(fd, "direct")
			if got := r.has(); got != (i+1)*len("queueddirect") {
				t.Errorf("round %d: a write is not there when it has ended", i)
				return
			}
		}
	})
	_, _ = c.Write([]byte("go"))
	if err := c.CopyTo(io.Discard, r); err != nil {
		t.Error(err)
	}
	wantStatus(t, p, Exited(0))
}

func TestCopyToIsEndedByClose(t *testing.T) {
	for _, direct := range []DirectWriter{nil, newFickle()} {
		c, p := dialed(t, func(g *guest, fd int32) { g.expect(fd, "") })
		done := make(chan error)
		go func() { done <- c.CopyTo(newFickle(), direct) }()
		eventually(t, "sleep", asleep(2))
		_ = c.Close()
		if err := <-done; !errors.Is(err, net.ErrClosed) {
			t.Errorf("error %v", err)
		}
		wantStatus(t, p, Exited(0))
	}
}

func TestHostListens(t *testing.T) {
	b := newBox(t)
	var served sync.WaitGroup
	served.Add(2)
	b.Serve("/tmp/host", func(c *Conn) {
		go func() {
			defer served.Done()
			defer c.Close()
			question := make([]byte, 10)
			n, _ := c.Read(question)
			_, _ = c.Write(bytes.ToUpper(question[:n]))
		}()
	})
	b.run(func(g *guest) {
		for range 2 {
			s := g.connect("/tmp/host")
			g.send(s, "hello")
			g.expect(s, "HELLO")
			g.expect(s, "")
		}
	})
	served.Wait()
	b.sockets.remove("/tmp/host", b.sockets.get("/tmp/host"))
}
