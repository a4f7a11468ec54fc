package kernel

import (
	"testing"
	"time"

	"github.com/pglite-toolbox/pglite/engine/internal/errno"
	"github.com/pglite-toolbox/pglite/engine/internal/vfs"
)

// serveLikeABackend is the hot path of SELECT 1 in a PostgreSQL backend: recv until EAGAIN, poll of the client's
// socket, the own latch's pipe and the postmaster's, then send.
func serveLikeABackend(g *guest, fd int32) {
	_, err := g.Fcntl(fd, fSetFL, int32(vfs.O_NONBLOCK))
	g.ok(err)
	latch, _ := g.pipe(vfs.O_NONBLOCK)
	death, _ := g.pipe(vfs.O_NONBLOCK)
	fds := g.Memory()[testData : testData+3*pollfdSize]
	copy(fds, pollfds(pollfd{fd, PollIn, 0}, pollfd{latch, PollIn, 0}, pollfd{death, PollIn, 0}))
	b := g.Memory()[2*testData:]
	for {
		n, err := g.Recv(fd, b[:8192], 0)
		if err == errno.EAGAIN {
			if _, err := g.Poll(fds, -1); err != nil {
				g.ok(err)
			}
			continue
		}
		g.ok(err)
		if n == 0 {
			return
		}
		if _, err := g.Send(fd, b[:n], 0); err != nil {
			g.ok(err)
		}
	}
}

func roundTrip(t testing.TB, c *Conn, question, answer []byte) {
	if _, err := c.Write(question); err != nil {
		t.Fatal(err)
	}
	for done := 0; done < len(question); {
		n, err := c.Read(answer[done:])
		if err != nil {
			t.Fatal(err)
		}
		done += n
	}
}

// TestHotPathAllocatesNothing: a round trip of a client, on both sides together.
func TestHotPathAllocatesNothing(t *testing.T) {
	if underRace {
		t.Skip("the race detector allocates")
	}
	c, _ := dialed(t, serveLikeABackend)
	question, answer := pattern(30), make([]byte, 100)
	roundTrip(t, c, question, answer)
	if n := testing.AllocsPerRun(2000, func() { roundTrip(t, c, question, answer) }); n != 0 {
		t.Errorf("%v allocations in a round trip", n)
	}
}

// TestWaitsAllocateNothing: the calls that wait, each woken by another process.
func TestWaitsAllocateNothing(t *testing.T) {
	if underRace {
		t.Skip("the race detector allocates")
	}
	for name, game := range pingPongs {
		t.Run(name, func(t *testing.T) {
			newBox(t).run(func(g *guest) {
				round, end := game(g)
				round()
				n := testing.AllocsPerRun(200, round)
				g.is(n == 0, "%v allocations in a round", n)
				end()
			})
		})
	}
}

// pingPongs let two processes wake each other: round does it once, end ends the other.
var pingPongs = map[string]func(g *guest) (round, end func()){
	"pipe": func(g *guest) (round, end func()) {
		r1, w1 := g.pipe(0)
		r2, w2 := g.pipe(0)
		return g.pingPong(r2, w1, r1, w2)
	},
	"socket": func(g *guest) (round, end func()) {
		a, b := g.socketpair(0)
		return g.pingPong(a, a, b, b)
	},
	"futex": func(g *guest) (round, end func()) {
		g.ok(g.MapShared(testShared, 1, -1, 0))
		const mine, other = testShared, testShared + 4
		pass := func(g *guest, mine, other Ptr) {
			g.word(other).Store(1)
			g.FutexWake(other, 1)
			for g.word(mine).Load() == 0 {
				_ = g.FutexWait(mine, 0, -1)
				g.CheckKilled()
			}
			g.word(mine).Store(0)
		}
		child := g.fork(func(c *guest) {
			for c.word(other).Load() == 0 {
				_ = c.FutexWait(other, 0, -1)
				c.CheckKilled()
			}
			c.word(other).Store(0)
			for {
				pass(c, other, mine)
			}
		})
		return func() { pass(g, mine, other) }, func() {
			g.ok(g.Kill(child, SIGKILL))
			g.reap(child, Signaled(SIGKILL))
		}
	},
	"futex with timeout": func(g *guest) (round, end func()) {
		return func() { g.want(g.FutexWait(testData, 0, time.Microsecond), errno.ETIMEDOUT) }, func() {}
	},
	"poll with timeout": func(g *guest) (round, end func()) {
		r, _ := g.pipe(0)
		fds := pollfds(pollfd{r, PollIn, 0})
		return func() { _, _ = g.Poll(fds, time.Microsecond) }, func() {}
	},
	"signal": func(g *guest) (round, end func()) {
		parent := g.PID()
		g.handle(SIGUSR, func() {})
		answer := func(g *guest, to func() int32) {
			_, _ = g.Sleep(patience)
			g.dispatch()
			_ = g.Kill(to(), SIGUSR)
		}
		child := g.fork(func(c *guest) {
			for {
				answer(c, func() int32 { return parent })
			}
		})
		first := true
		return func() {
				if first {
					_ = g.Kill(child, SIGUSR)
					first = false
				}
				answer(g, func() int32 { return child })
			}, func() {
				g.ok(g.Kill(child, SIGKILL))
				g.reap(child, Signaled(SIGKILL))
			}
	},
}

// pingPong sends a byte to a child that sends it back.
func (g *guest) pingPong(in, out, childIn, childOut int32) (round, end func()) {
	child := g.fork(func(c *guest) {
		b := make([]byte, 1)
		for {
			n, err := c.Read(childIn, b)
			c.ok(err)
			if n == 0 || b[0] == 'q' {
				return
			}
			if _, err := c.Write(childOut, b); err != nil {
				c.ok(err)
			}
		}
	})
	b := []byte("x")
	return func() {
			if _, err := g.Write(out, b); err != nil {
				g.ok(err)
			}
			if _, err := g.Read(in, b); err != nil {
				g.ok(err)
			}
		}, func() {
			g.send(out, "q")
			g.reap(child, Exited(0))
		}
}

// BenchmarkPingPong is a round of two processes that wake each other.
func BenchmarkPingPong(b *testing.B) {
	for name, game := range pingPongs {
		b.Run(name, func(b *testing.B) {
			newBox(b).run(func(g *guest) {
				round, end := game(g)
				b.ReportAllocs()
				b.ResetTimer()
				for range b.N {
					round()
				}
				b.StopTimer()
				end()
			})
		})
	}
}

// BenchmarkConnRoundTrip is what a client of a backend costs the kernel.
func BenchmarkConnRoundTrip(b *testing.B) {
	c, _ := dialed(b, serveLikeABackend)
	question, answer := pattern(30), make([]byte, 100)
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		roundTrip(b, c, question, answer)
	}
}

// BenchmarkConnThroughput is bytes to the guest and back.
func BenchmarkConnThroughput(b *testing.B) {
	c, _ := dialed(b, serveLikeABackend)
	question, answer := pattern(32<<10), make([]byte, 32<<10)
	b.SetBytes(int64(len(question)))
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		roundTrip(b, c, question, answer)
	}
}

// BenchmarkFork is fork, exit and wait of a small process; most of it is memory's.
func BenchmarkFork(b *testing.B) {
	newBox(b).run(func(g *guest) {
		b.ReportAllocs()
		b.ResetTimer()
		for range b.N {
			g.reap(g.fork(func(*guest) {}), Exited(0))
		}
	})
}

// BenchmarkPollReady is a poll of three descriptors that need not wait.
func BenchmarkPollReady(b *testing.B) {
	newBox(b).run(func(g *guest) {
		a, peer := g.socketpair(0)
		g.send(peer, "x")
		r1, _ := g.pipe(0)
		r2, _ := g.pipe(0)
		fds := pollfds(pollfd{a, PollIn, 0}, pollfd{r1, PollIn, 0}, pollfd{r2, PollIn, 0})
		b.ReportAllocs()
		b.ResetTimer()
		for range b.N {
			if n, _ := g.Poll(fds, -1); n != 1 {
				g.fatal("poll: %d", n)
			}
		}
	})
}

// BenchmarkManyBackends is BenchmarkConnRoundTrip's wait while 100 other processes wait for the same pipe.
func BenchmarkManyBackends(b *testing.B) {
	newBox(b).run(func(g *guest) {
		death, hold := g.pipe(0)
		for range 100 {
			g.fork(func(c *guest) {
				c.close(hold)
				_, _ = c.Poll(pollfds(pollfd{death, PollIn, 0}), -1)
			})
		}
		r1, w1 := g.pipe(0)
		r2, w2 := g.pipe(0)
		g.fork(func(c *guest) {
			c.close(w1, hold)
			fds := pollfds(pollfd{r1, PollIn, 0}, pollfd{death, PollIn, 0})
			buffer := make([]byte, 1)
			for {
				_, _ = c.Poll(fds, -1)
				if n, _ := c.Read(r1, buffer); n == 0 {
					return
				}
				_, _ = c.Write(w2, buffer)
			}
		})
		g.close(r1, w2)
		buffer := []byte("x")
		b.ReportAllocs()
		b.ResetTimer()
		for range b.N {
			_, _ = g.Write(w1, buffer)
			_, _ = g.Read(r2, buffer)
		}
		b.StopTimer()
		g.close(w1, hold)
		for range 101 {
			g.reap(-1, Exited(0))
		}
	})
}
