package kernel

import (
	"context"
	"errors"
	"io"
	"sync"
	"testing"
	"time"
)

// TestDialBurst: more clients at once than the listener has room for wait their turn.
func TestDialBurst(t *testing.T) {
	const clients = 50
	b := newBox(t)
	listening, begin := make(chan struct{}), make(chan struct{})
	p := b.start(func(g *guest) {
		l := g.socketOf(AFUnix, 0)
		g.ok(g.Bind(l, UnixAddress("/tmp/l")))
		g.ok(g.Listen(l, 2))
		close(listening)
		<-begin
		for range clients {
			s := g.accept(l)
			g.send(s, "x")
			g.close(s)
		}
	})
	<-listening
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	var all sync.WaitGroup
	for range clients {
		all.Go(func() {
			c, err := b.Dial(ctx, "/tmp/l", Client{})
			if err != nil {
				t.Error(err)
				return
			}
			defer c.Close()
			if got, err := io.ReadAll(c); string(got) != "x" || err != nil {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
	eventually(t, "the queue is full", func() bool { return backlog(b, "/tmp/l") == 2 })
	close(begin)
	all.Wait()
	wantStatus(t, p, Exited(0))
}

// TestDialGivesUp: a full queue is waited for as long as the caller wants, and not beyond the listener's end.
func TestDialGivesUp(t *testing.T) {
	b := newBox(t)
	listening, end := make(chan struct{}), make(chan struct{})
	p := b.start(func(g *guest) {
		l := g.socketOf(AFUnix, 0)
		g.ok(g.Bind(l, UnixAddress("/tmp/l")))
		g.ok(g.Listen(l, 1))
		close(listening)
		<-end
		g.close(l)
	})
	<-listening
	first, err := b.Dial(context.Background(), "/tmp/l", Client{})
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	late := errors.New("too late")
	ctx, cancel := context.WithTimeoutCause(context.Background(), 10*time.Millisecond, late)
	defer cancel()
	if _, err := b.Dial(ctx, "/tmp/l", Client{}); !errors.Is(err, late) {
		t.Errorf("got %v, want %v", err, late)
	}
	waiting := make(chan error, 1)
	go func() {
		_, err := b.Dial(context.Background(), "/tmp/l", Client{})
		waiting <- err
	}()
	close(end)
	if err := <-waiting; err == nil {
		t.Error("connected to a listener that is gone")
	}
	wantStatus(t, p, Exited(0))
}

func backlog(b *box, path string) int {
	l := b.sockets.get(path)
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.backlog)
}

func TestAfterEnd(t *testing.T) {
	c, p := dialed(t, func(g *guest, fd int32) { g.send(fd, "unread") })
	ended := make(chan struct{})
	c.AfterEnd(func() { close(ended) })
	<-ended
	wantStatus(t, p, Exited(0))
	again := make(chan struct{})
	c.AfterEnd(func() { close(again) })
	<-again
	if got, err := io.ReadAll(c); string(got) != "unread" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
}
