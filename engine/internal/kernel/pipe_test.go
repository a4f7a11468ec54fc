package kernel

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/pglite-toolbox/pglite/engine/internal/errno"
	"github.com/pglite-toolbox/pglite/engine/internal/vfs"
)

func TestPipeEnds(t *testing.T) {
	newBox(t).run(func(g *guest) {
		r, w := g.pipe(0)
		_, err := g.Read(w, make([]byte, 1))
		g.want(err, errno.EBADF)
		_, err = g.Write(r, []byte("x"))
		g.want(err, errno.EBADF)
		_, err = g.Seek(r, 0, 0)
		g.want(err, errno.ESPIPE)
		_, err = g.Pread(r, make([]byte, 1), 0)
		g.want(err, errno.ESPIPE)
		_, err = g.Recv(r, make([]byte, 1), 0)
		g.want(err, errno.ENOTSOCK)
		n, err := g.Read(r, nil)
		g.is(n == 0 && err == nil, "read of no bytes: %d %v", n, err)
		n, err = g.Write(w, nil)
		g.is(n == 0 && err == nil, "write of no bytes: %d %v", n, err)

		g.send(w, "abc")
		g.send(w, "def")
		g.expect(r, "abcd")
		g.close(w)
		g.expect(r, "ef") // what was written before the end is read
		g.expect(r, "")
		g.expect(r, "")
	})
}

func TestPipeNonblocking(t *testing.T) {
	newBox(t).run(func(g *guest) {
		r, w := g.pipe(vfs.O_NONBLOCK)
		_, err := g.Read(r, make([]byte, 1))
		g.want(err, errno.EAGAIN)
		n, err := g.Write(w, pattern(streamLimit+1000)) // as much as fits
		g.is(n == streamLimit && err == nil, "write: %d %v", n, err)
		_, err = g.Write(w, []byte("x"))
		g.want(err, errno.EAGAIN)
		_, err = g.Write(w, pattern(2*pipeAtomic))
		g.want(err, errno.EAGAIN)

		// Up to PIPE_BUF bytes all or none, more in part.
		g.expect(r, string(pattern(pipeAtomic-1)))
		_, err = g.Write(w, pattern(pipeAtomic))
		g.want(err, errno.EAGAIN)
		n, err = g.Write(w, pattern(pipeAtomic+1))
		g.is(n == pipeAtomic-1 && err == nil, "write: %d %v", n, err)
	})
}

func TestBrokenPipe(t *testing.T) {
	b := newBox(t)
	b.run(func(g *guest) {
		got := 0
		g.handle(SIGPIPE, func() { got++ })
		r, w := g.pipe(0)
		g.close(r)
		_, err := g.Write(w, []byte("x"))
		g.want(err, errno.EPIPE)
		g.dispatch()
		g.is(got == 1, "%d signals", got)

		g.ignore(SIGPIPE)
		_, err = g.Write(w, []byte("x"))
		g.want(err, errno.EPIPE)
		g.is(g.words().pending.Load() == 0, "an ignored SIGPIPE is pending")
	})
	p := b.start(func(g *guest) {
		r, w := g.pipe(0)
		g.fork(func(c *guest) {
			c.close(w)
			c.expect(r, string(pattern(100)))
		})
		g.close(r)
		for { // the last reader's end breaks a write that waits
			_, _ = g.Write(w, pattern(streamLimit))
			g.dispatch()
		}
	})
	wantStatus(t, p, Signaled(SIGPIPE))
}

func TestPipeSharedByFork(t *testing.T) {
	newBox(t).run(func(g *guest) {
		r, w := g.pipe(0)
		hold, release := g.pipe(0)
		child := g.fork(func(c *guest) {
			c.close(r, release)
			c.expect(hold, "")
			c.send(w, "child")
		})
		g.close(hold, w)
		n, err := g.Poll(pollfds(pollfd{r, PollIn, 0}), 0)
		g.is(n == 0 && err == nil, "the child's end counts: %d %v", n, err)
		g.close(release)
		g.expect(r, "child")
		g.expect(r, "")
		g.reap(child, Exited(0))
	})
}

func TestBigWriteToASlowReader(t *testing.T) {
	const size = 5*streamLimit + 777
	newBox(t).run(func(g *guest) {
		r, w := g.pipe(0)
		child := g.fork(func(c *guest) {
			c.close(r)
			n, err := c.Write(w, pattern(size))
			c.is(n == size && err == nil, "write: %d %v", n, err)
		})
		g.close(w)
		var all []byte
		b := make([]byte, 1000)
		for step := 1; ; step = step*7%997 + 1 {
			n, err := g.Read(r, b[:step])
			g.ok(err)
			if n == 0 {
				break
			}
			all = append(all, b[:n]...)
		}
		g.is(bytes.Equal(all, pattern(size)), "%d bytes read, or others than written", len(all))
		g.reap(child, Exited(0))
	})
}

// TestPipeBound: however fast the writer, a pipe holds no more than its limit.
func TestPipeBound(t *testing.T) {
	newBox(t).run(func(g *guest) {
		r, w := g.pipe(0)
		d, _ := g.fds.get(r)
		s := d.object.(pipeReader).stream
		child := g.fork(func(c *guest) { c.send(w, string(pattern(8*streamLimit))) })
		g.close(w)
		b := make([]byte, 3000)
		for {
			s.mu.Lock()
			count, size := s.count, len(s.ring)
			s.mu.Unlock()
			g.is(count <= streamLimit && size <= streamLimit, "%d bytes in %d", count, size)
			n, err := g.Read(r, b)
			g.ok(err)
			if n == 0 {
				break
			}
		}
		g.reap(child, Exited(0))
	})
}

// TestWritesToAPipeAreWhole: many processes write records of up to PIPE_BUF bytes, as PostgreSQL's log collector's
// clients do; none is torn.
func TestWritesToAPipeAreWhole(t *testing.T) {
	const writers, records = 6, 150
	newBox(t).run(func(g *guest) {
		r, w := g.pipe(0)
		for i := range writers {
			g.fork(func(c *guest) {
				for n := range records {
					record := bytes.Repeat([]byte{byte(i)}, 8+(n*397)%(pipeAtomic-7))
					binary.LittleEndian.PutUint32(record[1:], uint32(len(record)))
					c.send(w, string(record))
				}
			})
		}
		g.close(w)
		head := make([]byte, 5)
		for range writers * records {
			g.readFull(r, head)
			rest := make([]byte, binary.LittleEndian.Uint32(head[1:])-5)
			g.readFull(r, rest)
			for _, c := range rest[:3] {
				g.is(c == head[0], "a record of process %d holds a byte of %d", head[0], c)
			}
			g.is(bytes.Count(rest, head[:1]) == len(rest), "a record of process %d is torn", head[0])
		}
		g.expect(r, "")
		for range writers {
			g.reap(-1, Exited(0))
		}
	})
}

func (g *guest) readFull(fd int32, b []byte) {
	g.t.Helper()
	for len(b) > 0 {
		n, err := g.Read(fd, b)
		g.ok(err)
		g.is(n > 0, "the end instead of %d bytes", len(b))
		b = b[n:]
	}
}

func TestInterruptedWriteTellsWhatWasWritten(t *testing.T) {
	b := newBox(t)
	p := b.start(func(g *guest) {
		g.handle(SIGUSR, func() {})
		_, w := g.pipe(0)
		n, err := g.Write(w, pattern(streamLimit+10_000))
		g.is(n == streamLimit && err == nil, "write: %d %v", n, err)
		g.is(g.words().pending.Load() == SIGUSR.bit(), "no signal is pending")
	})
	eventually(t, "sleep", asleep(1))
	p.Signal(SIGUSR)
	wantStatus(t, p, Exited(0))
}
