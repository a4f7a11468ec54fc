package kernel

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/pglite-toolbox/pglite/engine/internal/errno"
)

// fickle is a receiver that takes as much as it likes, sometimes nothing without waiting.
type fickle struct {
	mu       sync.Mutex
	got      []byte
	random   *rand.Rand
	direct   int
	fallback int
	broken   bool
}

var errBroken = errors.New("the receiver is broken")

func (f *fickle) Write(b []byte) (int, error) {
	time.Sleep(time.Duration(f.random.IntN(50)) * time.Microsecond)
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.broken {
		return 0, errBroken
	}
	f.fallback++
	f.got = append(f.got, b...)
	return len(b), nil
}

func (f *fickle) writeDirect(b []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.broken {
		return 0, errBroken
	}
	n := len(b)
	switch f.random.IntN(3) {
	case 0:
		return 0, errno.EAGAIN
	case 1:
		n = 1 + f.random.IntN(n)
	}
	f.direct++
	f.got = append(f.got, b[:n]...)
	return n, nil
}

func newFickle() *fickle { return &fickle{random: rand.New(rand.NewPCG(1, 2))} }

// TestCopyToKeepsTheOrder however the bytes go.
func TestCopyToKeepsTheOrder(t *testing.T) {
	sent := pattern(1 << 20)
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
	if err := c.CopyTo(f, f.writeDirect); err != nil {
		t.Error(err)
	}
	if !bytes.Equal(f.got, sent) {
		t.Errorf("%d bytes arrive of %d, or in another order", len(f.got), len(sent))
	}
	if f.direct == 0 || f.fallback == 0 {
		t.Errorf("%d direct writes, %d others: one way was not tested", f.direct, f.fallback)
	}
	wantStatus(t, p, Exited(0))
}

// queued counts the bytes that fd's peer has not taken.
func (g *guest) queued(fd int32) int {
	d, err := g.fds.get(fd)
	g.ok(err)
	return d.object.(*socket).connected.Load().out.state().count
}

func TestCopyToABrokenReceiver(t *testing.T) {
	c, p := dialed(t, func(g *guest, fd int32) {
		g.ignore(SIGPIPE)
		for {
			if _, err := g.Write(fd, pattern(1000)); err != nil {
				g.want(err, errno.EPIPE)
				return
			}
		}
	})
	f := newFickle()
	f.broken = true
	if err := c.CopyTo(f, nil); !errors.Is(err, errBroken) {
		t.Errorf("error %v", err)
	}
	_ = c.Close()
	wantStatus(t, p, Exited(0))
}

func TestCopyToIsEndedByClose(t *testing.T) {
	c, p := dialed(t, func(g *guest, fd int32) { g.expect(fd, "") })
	done := make(chan error)
	go func() { done <- c.CopyTo(newFickle(), nil) }()
	eventually(t, "sleep", asleep(2))
	_ = c.Close()
	if err := <-done; !errors.Is(err, net.ErrClosed) {
		t.Errorf("error %v", err)
	}
	wantStatus(t, p, Exited(0))
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
