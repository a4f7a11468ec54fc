package kernel

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/nettest"

	"github.com/pglite-toolbox/pglite/engine/internal/errno"
)

func connPair() (a, b *Conn) {
	one, other := newDuplex()
	return newConn(one), newConn(other)
}

func TestConnIsANetConn(t *testing.T) {
	before := goroutines()
	nettest.TestConn(t, func() (c1, c2 net.Conn, stop func(), err error) {
		a, b := connPair()
		return a, b, func() { _, _ = a.Close(), b.Close() }, nil
	})
	checkGoroutines(t, before)
}

// dialed runs a guest that accepts one connection and then serve, and returns the host's end.
func dialed(t testing.TB, serve func(g *guest, fd int32)) (*Conn, *Process) {
	t.Helper()
	b := newBox(t)
	listening := make(chan struct{})
	p := b.start(func(g *guest) {
		l := g.socketOf(AFUnix, 0)
		g.ok(g.Bind(l, UnixAddress("/tmp/l")))
		g.ok(g.Listen(l, 1))
		close(listening)
		s := g.accept(l)
		g.close(l)
		serve(g, s)
	})
	<-listening
	c, err := b.Dial(context.Background(), "/tmp/l", Client{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c, p
}

func echo(g *guest, fd int32) {
	b := make([]byte, 10_000)
	for {
		n, err := g.Read(fd, b)
		g.ok(err)
		if n == 0 {
			return
		}
		g.send(fd, string(b[:n]))
	}
}

func TestConnEcho(t *testing.T) {
	c, p := dialed(t, echo)
	sent := pattern(1 << 20)
	var writer sync.WaitGroup
	writer.Go(func() {
		for i, rest := 0, sent; len(rest) > 0; i++ {
			n := min(len(rest), i*i%70_000+1)
			if m, err := c.Write(rest[:n]); m != n || err != nil {
				t.Errorf("write of %d bytes: %d %v", n, m, err)
				return
			}
			rest = rest[n:]
		}
		if err := c.CloseWrite(); err != nil {
			t.Error(err)
		}
	})
	got, err := io.ReadAll(c)
	writer.Wait()
	if err != nil || !bytes.Equal(got, sent) {
		t.Errorf("%d bytes come back of %d: %v", len(got), len(sent), err)
	}
	wantStatus(t, p, Exited(0))
}

func TestConnHalfClose(t *testing.T) {
	c, p := dialed(t, func(g *guest, fd int32) {
		g.expect(fd, "question")
		g.expect(fd, "")
		g.send(fd, "answer")
		g.ok(g.Shutdown(fd, 1))
		g.Exit(Exited(0))
	})
	_, _ = c.Write([]byte("question"))
	_ = c.CloseWrite()
	if _, err := c.Write([]byte("x")); err == nil {
		t.Error("write after CloseWrite")
	}
	got, err := io.ReadAll(c)
	if string(got) != "answer" || err != nil {
		t.Errorf("read %q %v", got, err)
	}
	wantStatus(t, p, Exited(0))
}

func TestConnDeadlines(t *testing.T) {
	a, b := connPair()
	defer b.Close()
	buffer := make([]byte, 2*streamLimit)
	isTimeout := func(what string, n int, err error, want int) {
		t.Helper()
		var timeout net.Error
		if n != want || !errors.Is(err, os.ErrDeadlineExceeded) || !errors.As(err, &timeout) || !timeout.Timeout() {
			t.Errorf("%s: %d %v", what, n, err)
		}
	}
	_ = a.SetReadDeadline(time.Now().Add(-time.Second))
	_, _ = b.Write([]byte("abc"))
	n, err := a.Read(buffer) // the past is over even when there is something to read
	isTimeout("past deadline", n, err, 0)
	_ = a.SetReadDeadline(time.Time{})
	if n, err := a.Read(buffer); n != 3 || err != nil {
		t.Errorf("read after the deadline was taken back: %d %v", n, err)
	}
	start := time.Now()
	_ = a.SetDeadline(start.Add(5 * time.Millisecond))
	n, err = a.Read(buffer)
	isTimeout("read", n, err, 0)
	if d := time.Since(start); d < 5*time.Millisecond {
		t.Errorf("too early: %v", d)
	}
	_ = a.SetWriteDeadline(time.Now().Add(5 * time.Millisecond))
	n, err = a.Write(buffer)
	isTimeout("write", n, err, streamLimit)
	_ = a.SetDeadline(time.Time{})

	done := make(chan struct{})
	go func() {
		defer close(done)
		n, err := a.Read(buffer)
		isTimeout("read that waits", n, err, 0)
	}()
	eventually(t, "sleep", asleep(1))
	_ = a.SetReadDeadline(time.Now().Add(time.Hour))
	_ = a.SetReadDeadline(time.Unix(1, 0))
	<-done

	_ = a.Close()
	_, err = a.Read(buffer)
	if !errors.Is(err, net.ErrClosed) {
		t.Errorf("read after Close: %v", err)
	}
	_, err = a.Write(buffer)
	if !errors.Is(err, net.ErrClosed) {
		t.Errorf("write after Close: %v", err)
	}
}

func TestConnCloseWakes(t *testing.T) {
	for range 100 {
		a, b := connPair()
		_, _ = a.Write(pattern(streamLimit))
		var waiting sync.WaitGroup
		waiting.Go(func() {
			if _, err := a.Read(make([]byte, 1)); !errors.Is(err, net.ErrClosed) {
				t.Errorf("read: %v", err)
			}
		})
		waiting.Go(func() {
			if _, err := a.Write([]byte("x")); !errors.Is(err, net.ErrClosed) {
				t.Errorf("write: %v", err)
			}
		})
		for range 3 {
			waiting.Go(func() { _ = a.Close() })
		}
		finish(t, "Close", waiting.Wait)
		if a.in.stream.readers.first != nil || a.out.stream.writers.first != nil {
			t.Fatal("somebody is still in a queue")
		}
		_ = b.Close()
	}
}

func TestConnOfAGuestThatEnds(t *testing.T) {
	for _, end := range []func(*guest){func(g *guest) { g.Exit(Exited(0)) }, func(g *guest) { g.Die(SIGKILL) }} {
		c, p := dialed(t, func(g *guest, fd int32) {
			g.send(fd, "last words")
			end(g)
		})
		<-p.Done()
		got, err := io.ReadAll(c)
		if string(got) != "last words" || err != nil {
			t.Errorf("read %q %v", got, err)
		}
		if _, err := c.Write([]byte("x")); errno.Of(err) != errno.EPIPE {
			t.Errorf("write: %v", err)
		}
	}
}

func TestConnClosedByTheHost(t *testing.T) {
	c, p := dialed(t, func(g *guest, fd int32) {
		g.ignore(SIGPIPE)
		g.expect(fd, "abc")
		g.expect(fd, "")
		_, err := g.Write(fd, []byte("x"))
		g.want(err, errno.EPIPE)
	})
	_, _ = c.Write([]byte("abc"))
	_ = c.Close()
	wantStatus(t, p, Exited(0))
}

func TestConnAddresses(t *testing.T) {
	a, _ := connPair()
	if a.LocalAddr().Network() == "" || a.RemoteAddr().String() == "" {
		t.Error("a connection without addresses")
	}
}
