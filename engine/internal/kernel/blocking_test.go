package kernel

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/pglite-toolbox/pglite/engine/internal/errno"
)

// blockingCalls are all calls that may wait, each in a state in which it waits for ever. prepare returns the call.
var blockingCalls = []struct {
	name    string
	prepare func(g *guest) (call func() error)
}{
	{"read pipe", func(g *guest) func() error {
		r, _ := g.pipe(0)
		return func() error { _, err := g.Read(r, make([]byte, 1)); return err }
	}},
	{"write pipe", func(g *guest) func() error {
		_, w := g.pipe(0)
		g.send(w, string(pattern(streamLimit)))
		return func() error { _, err := g.Write(w, pattern(10_000)); return err }
	}},
	{"write whole to pipe", func(g *guest) func() error {
		_, w := g.pipe(0)
		g.send(w, string(pattern(streamLimit-pipeAtomic+1)))
		return func() error { _, err := g.Write(w, pattern(pipeAtomic)); return err }
	}},
	{"read socket", func(g *guest) func() error {
		a, _ := g.socketpair(0)
		return func() error { _, err := g.Read(a, make([]byte, 1)); return err }
	}},
	{"recv", func(g *guest) func() error {
		a, _ := g.socketpair(0)
		return func() error { _, err := g.Recv(a, make([]byte, 1), 0); return err }
	}},
	{"recv peek", func(g *guest) func() error {
		a, _ := g.socketpair(0)
		return func() error { _, err := g.Recv(a, make([]byte, 1), msgPeek); return err }
	}},
	{"write socket", func(g *guest) func() error {
		a, _ := g.socketpair(0)
		g.send(a, string(pattern(streamLimit)))
		return func() error { _, err := g.Write(a, []byte("x")); return err }
	}},
	{"send", func(g *guest) func() error {
		a, _ := g.socketpair(0)
		g.send(a, string(pattern(streamLimit)))
		return func() error { _, err := g.Send(a, []byte("x"), 0); return err }
	}},
	{"accept", func(g *guest) func() error {
		l := g.listen("accept", 5)
		return func() error { _, _, err := g.Accept(l, 0); return err }
	}},
	{"wait", func(g *guest) func() error {
		g.fork((*guest).forever)
		return func() error { _, _, err := g.Wait4(-1, 0); return err }
	}},
	{"sleep", func(g *guest) func() error {
		return func() error { _, err := g.Sleep(time.Hour); return err }
	}},
	{"futex", func(g *guest) func() error {
		return func() error { return g.FutexWait(testData, 0, -1) }
	}},
	{"futex with timeout", func(g *guest) func() error {
		return func() error { return g.FutexWait(testData, 0, time.Hour) }
	}},
	{"futex in shared memory", func(g *guest) func() error {
		g.ok(g.MapShared(testShared, 1, -1, 0))
		return func() error { return g.FutexWait(testShared+8, 0, -1) }
	}},
	{"poll nothing", func(g *guest) func() error {
		return func() error { _, err := g.Poll(nil, -1); return err }
	}},
	{"poll", func(g *guest) func() error {
		r, w := g.pipe(0)
		g.send(w, string(pattern(streamLimit)))
		other, _ := g.pipe(0)
		a, _ := g.socketpair(0)
		l := g.listen("poll", 5)
		fds := pollfds(pollfd{r, 0, 0}, pollfd{w, PollOut, 0}, pollfd{other, PollIn, 0}, pollfd{a, PollIn | PollPri, 0}, pollfd{a, 0, 0}, pollfd{l, PollIn, 0}, pollfd{0, PollIn, 0}, pollfd{-1, PollIn, 0})
		return func() error { _, err := g.Poll(fds, time.Hour); return err }
	}},
	{"read standard input", func(g *guest) func() error {
		return func() error { _, err := g.Read(0, make([]byte, 1)); return err }
	}},
}

// eachBlocking runs a test with each blocking call in a process of its own.
func eachBlocking(t *testing.T, test func(t *testing.T, b *box, blocked func(ready func(*guest), after func(*guest, error)) *Process)) {
	for _, c := range blockingCalls {
		t.Run(c.name, func(t *testing.T) {
			b := newBox(t)
			input := newNoInput(t)
			test(t, b, func(ready func(*guest), after func(*guest, error)) *Process {
				return b.startWith(Command{Stdin: input}, func(g *guest) {
					call := c.prepare(g)
					ready(g)
					err := call()
					after(g, err)
				})
			})
		})
	}
}

func TestSignalInterrupts(t *testing.T) {
	eachBlocking(t, func(t *testing.T, b *box, blocked func(func(*guest), func(*guest, error)) *Process) {
		for _, early := range []bool{false, true} {
			handled := 0
			ready := make(chan struct{})
			p := blocked(func(g *guest) {
				g.handle(SIGINT, func() { handled++ })
				if early {
					g.ok(g.Kill(g.PID(), SIGINT))
				}
				close(ready)
			}, func(g *guest, err error) {
				g.want(err, errno.EINTR)
				g.is(g.waiter.queue == nil, "the process is still in a queue")
				g.dispatch()
				g.is(handled == 1, "handled %d times", handled)
			})
			<-ready
			if !early {
				eventually(t, "sleep", asleep(1))
				p.Signal(SIGINT)
			}
			wantStatus(t, p, Exited(0))
		}
	})
}

func TestDefaultActionEnds(t *testing.T) {
	eachBlocking(t, func(t *testing.T, b *box, blocked func(func(*guest), func(*guest, error)) *Process) {
		p := blocked(func(*guest) {}, func(g *guest, err error) { g.dispatch() })
		p.Signal(SIGTERM)
		wantStatus(t, p, Signaled(SIGTERM))
	})
}

func TestIgnoredAndBlockedSignalsDoNotInterrupt(t *testing.T) {
	eachBlocking(t, func(t *testing.T, b *box, blocked func(func(*guest), func(*guest, error)) *Process) {
		var returned atomic.Bool
		ready := make(chan struct{})
		p := blocked(func(g *guest) {
			g.ignore(SIGINT)
			g.block(SIGTERM)
			close(ready)
		}, func(g *guest, err error) {
			returned.Store(true)
			g.CheckKilled()
		})
		<-ready
		eventually(t, "sleep", asleep(1))
		for range 3 {
			p.Signal(SIGINT)
			p.Signal(SIGTERM)
			p.Signal(SIGCHLD)
			time.Sleep(time.Millisecond)
		}
		if returned.Load() {
			t.Error("the call has returned")
		}
		p.Signal(SIGKILL)
		wantStatus(t, p, Signaled(SIGKILL))
	})
}

func TestSIGKILLEndsEveryCall(t *testing.T) {
	eachBlocking(t, func(t *testing.T, b *box, blocked func(func(*guest), func(*guest, error)) *Process) {
		for _, late := range []bool{false, true} {
			p := blocked(func(g *guest) {
				g.words().blocked.Store(^uint32(0))
				g.words().ignored.Store(^uint32(0))
			}, func(g *guest, err error) {
				g.CheckKilled()
				g.fatal("the call has returned: %v", err)
			})
			if late {
				eventually(t, "sleep", asleep(1))
			}
			p.Signal(SIGKILL)
			wantStatus(t, p, Signaled(SIGKILL))
		}
	})
}

// TestCloseEndsEverything: processes are blocked in every call, forked ones too.
func TestCloseEndsEverything(t *testing.T) {
	b := newBox(t)
	input := newNoInput(t)
	var processes []*Process
	for _, c := range blockingCalls {
		forked := make(chan *Process, 1)
		processes = append(processes, b.startWith(Command{Stdin: input}, func(g *guest) {
			call := c.prepare(g)
			g.fork(func(o *guest) {
				forked <- o.Process
				_, _ = o.Poll(nil, -1)
				o.CheckKilled()
			})
			for {
				_ = call()
				g.CheckKilled()
			}
		}), <-forked)
	}
	if len(processes) < 2*len(blockingCalls) {
		t.Fatal("no processes")
	}
	eventually(t, "sleep", asleep(len(processes)))
	_ = input.Close()
	finish(t, "Close", func() { _ = b.Close() })
	for _, p := range processes {
		wantStatus(t, p, Signaled(SIGKILL))
	}
}
