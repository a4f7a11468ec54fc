package kernel

import (
	"encoding/binary"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pglite-toolbox/pglite/engine/internal/errno"
	"github.com/pglite-toolbox/pglite/engine/internal/vfs"
)

// pollfd is struct pollfd.
type pollfd struct {
	fd              int32
	events, revents int16
}

func pollfds(list ...pollfd) []byte {
	var b []byte
	for _, f := range list {
		b = binary.LittleEndian.AppendUint32(b, uint32(f.fd))
		b = binary.LittleEndian.AppendUint16(b, uint16(f.events))
		b = binary.LittleEndian.AppendUint16(b, uint16(f.revents))
	}
	return b
}

func revents(fds []byte, i int) int16 { return int16(binary.LittleEndian.Uint16(fds[8*i+6:])) }

// TestPollEvents asks for everything in each state; what is not asked for must not be told.
func TestPollEvents(t *testing.T) {
	const all = PollIn | PollPri | PollOut | pollRdHup
	newBox(t).run(func(g *guest) {
		g.ignore(SIGPIPE)
		full := string(pattern(streamLimit))
		for _, c := range []struct {
			name string
			make func() int32
			want int16
		}{
			{"empty pipe", func() int32 { r, _ := g.pipe(0); return r }, 0},
			{"pipe with bytes", func() int32 { r, w := g.pipe(0); g.send(w, "x"); return r }, PollIn},
			{"ended pipe", func() int32 { r, w := g.pipe(0); g.close(w); return r }, PollIn | PollHup},
			{"ended pipe with bytes", func() int32 { r, w := g.pipe(0); g.send(w, "x"); g.close(w); return r }, PollIn | PollHup},
			{"pipe to write", func() int32 { _, w := g.pipe(0); return w }, PollOut},
			{"full pipe", func() int32 { _, w := g.pipe(0); g.send(w, full); return w }, 0},
			{"pipe with too little room", func() int32 { _, w := g.pipe(0); g.send(w, full[pipeAtomic-1:]); return w }, 0},
			{"pipe with just enough room", func() int32 { _, w := g.pipe(0); g.send(w, full[pipeAtomic:]); return w }, PollOut},
			{"broken pipe", func() int32 { r, w := g.pipe(0); g.close(r); return w }, PollOut | PollErr},
			{"broken full pipe", func() int32 { r, w := g.pipe(0); g.send(w, full); g.close(r); return w }, PollOut | PollErr},

			{"new socket", func() int32 { return g.socketOf(AFUnix, 0) }, PollOut | PollHup},
			{"listening", func() int32 { return g.listen("l1", 1) }, 0},
			{"listening with a client", func() int32 { l := g.listen("l2", 1); g.connect(g.socketPathOf("l2")); return l }, PollIn},
			{"connected", func() int32 { a, _ := g.socketpair(0); return a }, PollOut},
			{"connected with bytes", func() int32 { a, b := g.socketpair(0); g.send(b, "x"); return a }, PollIn | PollOut},
			{"connected and full", func() int32 { a, _ := g.socketpair(0); g.send(a, full); return a }, 0},
			{"peer stopped writing", func() int32 { a, b := g.socketpair(0); g.ok(g.Shutdown(b, 1)); return a }, PollIn | PollOut | pollRdHup},
			{"peer stopped reading", func() int32 { a, b := g.socketpair(0); g.ok(g.Shutdown(b, 0)); return a }, PollOut},
			{"peer closed", func() int32 { a, b := g.socketpair(0); g.close(b); return a }, PollIn | PollOut | pollRdHup | PollHup},
			{"peer closed, bytes left", func() int32 { a, b := g.socketpair(0); g.send(b, "x"); g.send(a, full); g.close(b); return a }, PollIn | PollOut | pollRdHup | PollHup},
			{"stopped reading", func() int32 { a, _ := g.socketpair(0); g.ok(g.Shutdown(a, 0)); return a }, PollIn | PollOut | pollRdHup},
			{"stopped writing", func() int32 { a, _ := g.socketpair(0); g.ok(g.Shutdown(a, 1)); return a }, PollOut},
			{"stopped both", func() int32 { a, _ := g.socketpair(0); g.ok(g.Shutdown(a, 2)); return a }, PollIn | PollOut | pollRdHup | PollHup},

			{"file", func() int32 { return g.openFile("/data/f", vfs.O_RDWR|vfs.O_CREAT) }, PollIn | PollOut},
			{"standard output", func() int32 { return 1 }, PollOut},
			{"closed", func() int32 { return 99 }, PollNval},
			{"too large", func() int32 { return 1 << 30 }, PollNval},
			{"negative", func() int32 { return -7 }, 0},
		} {
			fd := c.make()
			for _, events := range []int16{all, 0, PollIn, PollOut, pollRdHup} {
				want := c.want & (events | PollErr | PollHup | PollNval)
				ready := 0
				if want != 0 {
					ready = 1
				}
				fds := pollfds(pollfd{fd, events, 0x7f}, pollfd{-1, all, 0x7f})
				n, err := g.Poll(fds, 0)
				g.is(n == ready && err == nil && revents(fds, 0) == want && revents(fds, 1) == 0, "%s, events %#x: %d %v, revents %#x, want %#x", c.name, events, n, err, revents(fds, 0), want)
			}
		}
	})
}

func TestPollTimeouts(t *testing.T) {
	newBox(t).run(func(g *guest) {
		r, _ := g.pipe(0)
		for _, fds := range [][]byte{nil, pollfds(pollfd{r, PollIn, 0})} {
			for _, timeout := range []time.Duration{0, 1, 3 * time.Millisecond} {
				start := time.Now()
				n, err := g.Poll(fds, timeout)
				g.is(n == 0 && err == nil && time.Since(start) >= timeout, "timeout %v: %d %v after %v", timeout, n, err, time.Since(start))
			}
		}
		_, err := g.Poll(make([]byte, (maxDescriptors+1)*pollfdSize), 0)
		g.want(err, errno.EINVAL)
	})
}

// TestPollSpuriousWakes: being woken for nothing neither ends a poll nor prolongs it.
func TestPollSpuriousWakes(t *testing.T) {
	newBox(t).run(func(g *guest) {
		var stop atomic.Bool
		defer stop.Store(true)
		go func() {
			for !stop.Load() {
				g.parker.unpark()
				time.Sleep(20 * time.Microsecond)
			}
		}()
		r, _ := g.pipe(0)
		for range 20 {
			start := time.Now()
			n, err := g.Poll(pollfds(pollfd{r, PollIn, 0}), 2*time.Millisecond)
			g.is(n == 0 && err == nil && time.Since(start) >= 2*time.Millisecond, "%d %v after %v", n, err, time.Since(start))
			g.want(g.FutexWait(testData, 0, 2*time.Millisecond), errno.ETIMEDOUT)
			left, err := g.Sleep(time.Millisecond)
			g.is(left == 0 && err == nil, "sleep: %v %v", left, err)
		}
	})
}

// TestPollWakesFor everything that can happen to a polled object.
func TestPollWakesFor(t *testing.T) {
	for _, c := range []struct {
		name   string
		make   func(g *guest) (polled int32, change func(g *guest))
		events int16
		want   int16
	}{
		{"bytes in a pipe", func(g *guest) (int32, func(*guest)) {
			r, w := g.pipe(0)
			return r, func(g *guest) { g.send(w, "x") }
		}, PollIn, PollIn},
		{"end of a pipe", func(g *guest) (int32, func(*guest)) {
			r, w := g.pipe(0)
			return r, func(g *guest) { g.closeEverywhere(w) }
		}, 0, PollHup},
		{"room in a pipe", func(g *guest) (int32, func(*guest)) {
			r, w := g.pipe(0)
			g.send(w, string(pattern(streamLimit)))
			return w, func(g *guest) { g.expect(r, string(pattern(pipeAtomic))) }
		}, PollOut, PollOut},
		{"broken pipe", func(g *guest) (int32, func(*guest)) {
			r, w := g.pipe(0)
			g.send(w, string(pattern(streamLimit)))
			return w, func(g *guest) { g.closeEverywhere(r) }
		}, 0, PollErr},
		{"bytes in a socket", func(g *guest) (int32, func(*guest)) {
			a, b := g.socketpair(0)
			g.send(a, string(pattern(streamLimit)))
			return a, func(g *guest) { g.send(b, "x") }
		}, PollIn | PollOut, PollIn},
		{"room in a socket", func(g *guest) (int32, func(*guest)) {
			a, b := g.socketpair(0)
			g.send(a, string(pattern(streamLimit)))
			return a, func(g *guest) { g.expect(b, "0") }
		}, PollOut, PollOut},
		{"hang-up nobody asked for", func(g *guest) (int32, func(*guest)) {
			a, b := g.socketpair(0)
			g.ok(g.Shutdown(b, 1))
			return a, func(g *guest) { g.ok(g.Shutdown(b, 0)) }
		}, 0, PollHup},
		{"hang-up, the other order", func(g *guest) (int32, func(*guest)) {
			a, b := g.socketpair(0)
			g.ok(g.Shutdown(b, 0))
			return a, func(g *guest) { g.ok(g.Shutdown(b, 1)) }
		}, 0, PollHup},
		{"peer stops writing", func(g *guest) (int32, func(*guest)) {
			a, b := g.socketpair(0)
			return a, func(g *guest) { g.ok(g.Shutdown(b, 1)) }
		}, pollRdHup, pollRdHup},
		{"a client", func(g *guest) (int32, func(*guest)) {
			l := g.listen("wakes", 1)
			path := g.socketPathOf("wakes")
			return l, func(g *guest) { g.connect(path) }
		}, PollIn, PollIn},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBox(t)
			b.run(func(g *guest) {
				polled, change := c.make(g)
				child := g.fork(func(child *guest) {
					child.eventually("sleep", asleep(1))
					change(child)
				})
				fds := pollfds(pollfd{-1, PollIn, 0}, pollfd{polled, c.events, 0})
				n, err := g.Poll(fds, patience)
				g.is(n == 1 && err == nil && revents(fds, 1) == c.want, "%d %v, revents %#x, want %#x", n, err, revents(fds, 1), c.want)
				for _, w := range g.polled {
					g.is(w.queue == nil, "poll has left somebody in a queue")
				}
				g.reap(child, Exited(0))
			})
		})
	}
}

// closeEverywhere closes a descriptor that parent and child have, in both.
func (g *guest) closeEverywhere(fd int32) {
	d, err := g.fds.get(fd)
	g.ok(err)
	for d.refs.Load() > 1 {
		d.release()
	}
	g.close(fd)
}

// TestPollOfAChangingArray: another process may write into the array when it lies in shared memory.
func TestPollOfAChangingArray(t *testing.T) {
	newBox(t).run(func(g *guest) {
		r1, _ := g.pipe(0)
		r2, w2 := g.pipe(0)
		a, _ := g.socketpair(0)
		fds := g.Memory()[testData : testData+3*pollfdSize]
		child := g.fork(func(c *guest) {
			c.eventually("sleep", asleep(1))
			copy(fds, pollfds(pollfd{a, PollIn, 0}, pollfd{r2, PollIn, 0}, pollfd{r2, PollIn, 0}))
			c.send(w2, "x")
		})
		copy(fds, pollfds(pollfd{r1, PollIn, 0}, pollfd{r2, PollIn, 0}, pollfd{a, PollIn, 0}))
		n, err := g.Poll(fds, -1)
		g.is(n > 0 && err == nil, "%d %v", n, err)
		for _, fd := range []int32{r1, r2, a} {
			d, _ := g.fds.get(fd)
			in, out := d.object.(pollable).queues()
			g.is(in.first == nil && out.first == nil, "somebody is left in a queue of descriptor %d", fd)
		}
		g.reap(child, Exited(0))
	})
}

// TestManyWaiters: as many processes as a busy server has wait for the end of one pipe, while others come and go.
func TestManyWaiters(t *testing.T) {
	newBox(t).run(func(g *guest) {
		r, w := g.pipe(0)
		var children []int32
		for i := range 100 {
			children = append(children, g.fork(func(c *guest) {
				c.close(w)
				fds := pollfds(pollfd{r, PollIn, 0})
				for {
					timeout := time.Duration(-1)
					if i%2 == 0 {
						timeout = time.Duration(i*10) * time.Microsecond
					}
					n, err := c.Poll(fds, timeout)
					c.ok(err)
					if n == 1 {
						return
					}
				}
			}))
		}
		g.eventually("sleep", asleep(50))
		g.close(w)
		for _, pid := range children {
			g.reap(pid, Exited(0))
		}
		d, _ := g.fds.get(r)
		g.is(d.object.(pipeReader).readers.first == nil, "somebody is left in the queue")
	})
}

// TestNoWakeUpIsLost: 8 processes pass tokens around a ring, each sleeping in poll; a wake-up that is lost hangs the
// ring. The descriptors are pipes and sockets by turns, and each process polls beside its own two that all poll, as
// PostgreSQL's backends do.
func TestNoWakeUpIsLost(t *testing.T) {
	const processes, tokens = 8, 3
	rounds := 2000
	if testing.Short() {
		rounds = 300
	}
	newBox(t).run(func(g *guest) {
		death, _ := g.pipe(0)
		idle := g.listen("idle", 1)
		var in, out [processes]int32
		for i := range processes {
			if i%2 == 0 {
				in[i], out[i] = g.pipe(vfs.O_NONBLOCK)
			} else {
				in[i], out[i] = g.socketpair(int32(vfs.O_NONBLOCK))
			}
		}
		var children []int32
		for i := range processes {
			children = append(children, g.fork(func(c *guest) {
				b := make([]byte, 1)
				fds := pollfds(pollfd{in[i], PollIn, 0}, pollfd{death, PollIn, 0}, pollfd{idle, PollIn, 0})
				for left := rounds * tokens; left > 0; {
					n, err := c.Read(in[i], b)
					if err == errno.EAGAIN {
						n, err := c.Poll(fds, patience)
						c.is(n == 1 && err == nil, "process %d: poll: %d %v", i, n, err)
						continue
					}
					c.is(n == 1 && err == nil, "read: %d %v", n, err)
					c.send(out[(i+1)%processes], "t")
					left--
				}
			}))
		}
		for i := range tokens {
			g.send(out[i], "t")
		}
		for _, pid := range children {
			g.reap(pid, Exited(0))
		}
	})
}
