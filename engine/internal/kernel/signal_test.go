package kernel

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/pglite-toolbox/pglite/engine/internal/errno"
)

func TestKillErrors(t *testing.T) {
	newBox(t).run(func(g *guest) {
		for _, c := range []struct {
			pid  int32
			sig  Signal
			want errno.Errno
		}{
			{g.PID(), -1, errno.EINVAL},
			{g.PID(), 32, errno.EINVAL},
			{-1, SIGTERM, errno.EPERM},
			{1, SIGTERM, errno.ESRCH},
			{g.PID() + 1, 0, errno.ESRCH},
			{-g.PID() - 1, SIGTERM, errno.ESRCH},
			{g.PID(), 0, 0},
			{-g.PID(), 0, 0},
			{0, 0, 0},
		} {
			g.want(g.Kill(c.pid, c.sig), c.want)
		}
		g.is(g.words().pending.Load() == 0, "signal 0 is pending")
	})
}

func TestKillGroup(t *testing.T) {
	newBox(t).run(func(g *guest) {
		got := 0
		g.handle(SIGUSR, func() { got++ })
		ready := make(chan struct{})
		member := func(c *guest) {
			c.handle(SIGUSR, func() { c.Exit(Exited(1)) })
			ready <- struct{}{}
			c.forever()
		}
		same := []int32{g.fork(member), g.fork(member)}
		var grandchild int32
		leader := g.fork(func(c *guest) {
			c.Setsid()
			c.handle(SIGUSR, func() { c.reap(grandchild, Exited(1)); c.Exit(Exited(2)) })
			grandchild = c.fork(member)
			ready <- struct{}{}
			c.forever()
		})
		for range 4 {
			<-ready
		}
		g.ok(g.Kill(0, SIGUSR)) // the own group: itself and the first two
		g.dispatch()
		g.is(got == 1, "own signal: %d", got)
		for _, pid := range same {
			g.reap(pid, Exited(1))
		}
		pid, _, err := g.Wait4(leader, waitNoHang)
		g.is(pid == 0 && err == nil, "another group got it: %d %v", pid, err)
		g.ok(g.Kill(-leader, SIGUSR))
		g.reap(leader, Exited(2))
		g.is(got == 1, "own signal: %d", got)
	})
}

// SIGUSR is a signal that the kernel itself does not name.
const SIGUSR Signal = 10

func TestPendingAndBlockedWords(t *testing.T) {
	newBox(t).run(func(g *guest) {
		w := g.words()
		count := 0
		g.handle(SIGUSR, func() { count++ })
		g.block(SIGUSR)
		for range 3 { // a signal is pending once
			g.ok(g.Kill(g.PID(), SIGUSR))
		}
		g.is(w.pending.Load() == SIGUSR.bit(), "pending %#x", w.pending.Load())
		n, err := g.Poll(nil, 0)
		g.is(n == 0 && err == nil, "poll beside a blocked signal: %d %v", n, err)
		g.unblock(SIGUSR)
		_, err = g.Poll(nil, 0)
		g.want(err, errno.EINTR)
		g.dispatch()
		g.is(count == 1 && w.pending.Load() == 0, "handled %d times", count)

		g.ignore(SIGUSR)
		g.ok(g.Kill(g.PID(), SIGUSR))
		g.is(w.pending.Load() == 0, "an ignored signal is pending")
		_, err = g.Poll(nil, time.Millisecond)
		g.ok(err)
	})
}

func TestSignalBeforeTheProgramRuns(t *testing.T) {
	b := newBox(t)
	p, err := b.newProcess(nil)
	if err != nil {
		t.Fatal(err)
	}
	p.Signal(SIGHUP)
	p.Signal(SIGTERM)
	inst, err := newTestInstance(t, p, func(g *guest) {
		g.is(g.words().pending.Load() == SIGHUP.bit()|SIGTERM.bit(), "pending %#x", g.words().pending.Load())
		g.dispatch()
	})
	if err != nil {
		t.Fatal(err)
	}
	p.adopt(inst)
	b.launch(p, false)
	wantStatus(t, p, Signaled(SIGHUP))
}

// TestKilledWhileForking: SIGKILL at any moment of a process that forks leaves no process that nobody knows.
func TestKilledWhileForking(t *testing.T) {
	b := newBox(t)
	var forked atomic.Int32
	for i := range 60 {
		p := b.start(func(g *guest) {
			for range 30 { // on a slow machine it would be thousands
				g.fork(func(c *guest) {
					forked.Add(1)
					c.fork((*guest).forever)
					c.forever()
				})
				g.CheckKilled()
				if forked.Load()%8 == 7 {
					_ = g.Kill(0, SIGKILL)
				}
			}
			g.forever()
		})
		time.Sleep(time.Duration(i*20) * time.Microsecond)
		p.Signal(SIGKILL)
		wantStatus(t, p, Signaled(SIGKILL))
	}
	if forked.Load() == 0 {
		t.Error("nothing was forked")
	}
	// newBox's cleanup checks that Close finds and ends the orphans.
}

// TestNoSignalIsLost: each signal is sent after the handler of the one before has run; one that is lost hangs.
func TestNoSignalIsLost(t *testing.T) {
	const rounds = 5000
	newBox(t).run(func(g *guest) {
		pong := func(rounds int, first bool, other func() int32) func(*guest) {
			return func(g *guest) {
				count := 0
				g.handle(SIGUSR, func() { count++ })
				if first {
					g.ok(g.Kill(other(), SIGUSR))
				}
				for sent := 1; count < rounds; {
					_, err := g.Poll(nil, -1)
					g.want(err, errno.EINTR)
					g.dispatch()
					if first && sent == rounds {
						continue
					}
					g.ok(g.Kill(other(), SIGUSR))
					sent++
				}
			}
		}
		parent := g.PID()
		g.block(SIGUSR) // until the child's handler is there
		var child int32
		child = g.fork(func(c *guest) {
			c.handle(SIGUSR, func() {})
			c.unblock(SIGUSR)
			pong(rounds, false, func() int32 { return parent })(c)
		})
		g.unblock(SIGUSR)
		pong(rounds, true, func() int32 { return child })(g)
		g.reap(child, Exited(0))
	})
}

func TestSignalOfManySenders(t *testing.T) {
	newBox(t).run(func(g *guest) {
		const senders, rounds = 7, 500 // the next signal is SIGCHLD, of which there come more
		seen := [senders]int{}
		var children []int32
		target := g.PID()
		for i := range senders {
			g.handle(SIGUSR+Signal(i), func() { seen[i]++ })
		}
		for i := range senders {
			children = append(children, g.fork(func(c *guest) {
				for range rounds {
					c.ok(c.Kill(target, SIGUSR+Signal(i)))
				}
			}))
		}
		for _, pid := range children {
			g.reap(pid, Exited(0))
		}
		g.dispatch()
		for i, n := range seen {
			g.is(n > 0 && n <= rounds, "signal %d: %d times", i, n)
		}
	})
}

// TestAsksInVain: what a child ignores, its parent waits for in vain, until it asks for something else.
func TestAsksInVain(t *testing.T) {
	newBox(t).run(func(g *guest) {
		ready := make(chan struct{})
		child := g.fork(func(c *guest) {
			c.ignore(SIGTERM)
			c.handle(SIGINT, func() {})
			c.handle(SIGUSR2, func() { c.Exit(Exited(0)) })
			ready <- struct{}{}
			c.forever()
		})
		<-ready
		for _, step := range []struct {
			sig  Signal
			want bool
		}{{0, false}, {SIGTERM, true}, {SIGURG, true}, {SIGINT, false}, {SIGTERM, true}, {SIGUSR2, false}} {
			g.ok(g.Kill(child, step.sig))
			g.is(g.AsksInVain() == step.want, "after signal %d: %t", step.sig, !step.want)
		}
		g.reap(child, Exited(0))
		g.is(!g.AsksInVain(), "of a child that has ended")
	})
}
