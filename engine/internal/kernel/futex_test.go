package kernel

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/pglite-toolbox/pglite/engine/internal/errno"
	"github.com/pglite-toolbox/pglite/engine/internal/memory"
)

func TestFutexErrors(t *testing.T) {
	newBox(t).run(func(g *guest) {
		g.word(testData).Store(5)
		g.want(g.FutexWait(testData, 4, -1), errno.EAGAIN)
		g.want(g.FutexWait(testData, 5, 0), errno.ETIMEDOUT)
		start := time.Now()
		g.want(g.FutexWait(testData, 5, 2*time.Millisecond), errno.ETIMEDOUT)
		g.is(time.Since(start) >= 2*time.Millisecond, "after %v", time.Since(start))
		for _, addr := range []Ptr{testData + 1, testData + 2, testMemory, testMemory - 2, 1<<32 - 4, 1<<32 - 1} {
			g.want(g.FutexWait(addr, 0, -1), errno.EFAULT)
		}
		for _, addr := range []Ptr{testData, testMemory, 1<<32 - 1} {
			for _, n := range []int{1, 0, -1, 1 << 30} {
				g.is(g.FutexWake(addr, n) == 0, "somebody is woken who is not there")
			}
		}
	})
}

// TestFutexWakesInOrder: as many as asked for, the longest waiting first, and none of another word.
func TestFutexWakesInOrder(t *testing.T) {
	newBox(t).run(func(g *guest) {
		g.ok(g.MapShared(testShared, 1, -1, 0))
		var order atomic.Int32
		const waiters = 6
		var children [waiters]int32
		for i := range waiters {
			children[i] = g.fork(func(c *guest) {
				c.ok(c.FutexWait(testShared, 0, -1))
				order.Add(1)
			})
			g.eventually("wait", func() bool { return g.futexWaiters(testShared) == i+1 })
		}
		other := g.fork(func(c *guest) { c.ok(c.FutexWait(testShared+4, 0, -1)) })
		g.eventually("wait", func() bool { return g.futexWaiters(testShared+4) == 1 })

		g.is(g.FutexWake(testShared, 0) == 0, "0 are woken")
		g.is(g.FutexWake(testShared, 1) == 1, "1 is woken")
		g.reap(children[0], Exited(0))
		g.is(order.Load() == 1, "%d have returned", order.Load())
		g.is(g.FutexWake(testShared, 2) == 2, "2 are woken")
		g.reap(children[2], Exited(0))
		g.reap(children[1], Exited(0))
		g.ok(g.Kill(children[4], SIGKILL)) // from the middle
		g.reap(children[4], Signaled(SIGKILL))
		g.is(g.FutexWake(testShared, 100) == 2, "the rest is woken")
		g.reap(children[3], Exited(0))
		g.reap(children[5], Exited(0))
		g.is(g.FutexWake(testShared+4, 1) == 1, "the other")
		g.reap(other, Exited(0))
	})
}

// futexWaiters counts who waits for the word at addr.
func (g *guest) futexWaiters(addr Ptr) (n int) {
	key := g.futexKey(addr)
	b := g.k.futexes.bucket(key)
	b.mu.Lock()
	defer b.mu.Unlock()
	for w := b.first; w != nil; w = w.next {
		if w.key == key {
			n++
		}
	}
	return n
}

// TestFutexOfPrivateMemory: the same address in two processes is two words.
func TestFutexOfPrivateMemory(t *testing.T) {
	newBox(t).run(func(g *guest) {
		child := g.fork(func(c *guest) { c.ok(c.FutexWait(testData, 0, -1)) })
		g.eventually("sleep", asleep(1))
		g.is(g.FutexWake(testData, 1) == 0, "another process's private word")
		g.ok(g.Kill(child, SIGKILL))
		g.reap(child, Signaled(SIGKILL))
	})
}

// TestFutexAtDifferentAddresses: one word, mapped at other places and through other offsets.
func TestFutexAtDifferentAddresses(t *testing.T) {
	newBox(t).run(func(g *guest) {
		fd := g.openFile("/dev/shm/words", shmCreate)
		g.ok(g.Truncate(fd, 3*memory.Granule))
		g.ok(g.MapShared(testShared, 3*memory.Granule, fd, 0))
		const low, high = testShared, testShared + 4*memory.Granule
		child := g.fork(func(c *guest) {
			c.ok(c.Unmap(low, 3*memory.Granule))
			c.ok(c.MapShared(high, memory.Granule, fd, memory.Granule))
			c.is(c.futexKey(high+12) == g.futexKey(low+memory.Granule+12), "other keys")
			c.ok(c.FutexWait(high+12, 0, -1))
			c.word(high + 16).Store(7)
		})
		at := Ptr(low + memory.Granule + 12)
		g.eventually("wait", func() bool { return g.futexWaiters(at) == 1 })
		g.is(g.FutexWake(at, 1) == 1, "nobody is woken")
		g.reap(child, Exited(0))
		g.is(g.word(at+4).Load() == 7, "the memory is not the same")
	})
}

// semaphore is a POSIX semaphore as runtime/libc/semaphore.c has it: the value, then the number of waiters.
type semaphore struct {
	*guest
	addr Ptr
}

func (s semaphore) post() {
	s.word(s.addr).Add(1)
	if s.word(s.addr+4).Load() > 0 {
		s.FutexWake(s.addr, 1)
	}
}

func (s semaphore) take() bool {
	for {
		v := s.word(s.addr).Load()
		if v <= 0 {
			return false
		}
		if s.word(s.addr).CompareAndSwap(v, v-1) {
			return true
		}
	}
}

func (s semaphore) wait() {
	for !s.take() {
		s.word(s.addr + 4).Add(1)
		err := s.FutexWait(s.addr, 0, -1)
		s.word(s.addr + 4).Add(-1)
		s.dispatch()
		if err != nil && err != errno.EAGAIN && err != errno.EINTR {
			s.fatal("wait: %v", err)
		}
	}
}

// TestSemaphore: processes increment a counter that a semaphore guards, with signals in between.
func TestSemaphore(t *testing.T) {
	const processes = 8
	rounds := 3000
	if testing.Short() {
		rounds = 500
	}
	newBox(t).run(func(g *guest) {
		g.ok(g.MapShared(testShared, 1, -1, 0))
		const counter = testShared + 64
		semaphore{g, testShared}.post()
		var children []int32
		for range processes {
			children = append(children, g.fork(func(c *guest) {
				c.handle(SIGUSR, func() {})
				c.word(counter + 8).Add(1)
				s := semaphore{c, testShared}
				for range rounds {
					s.wait()
					v := c.word(counter).Load()
					c.is(c.word(counter+4).Add(1) == 1, "two have the semaphore")
					c.word(counter).Store(v + 1)
					c.word(counter + 4).Add(-1)
					s.post()
				}
			}))
		}
		g.eventually("begin", func() bool { return g.word(counter+8).Load() == processes })
		for i := range 300 {
			g.ok(g.Kill(children[i%processes], SIGUSR))
			time.Sleep(20 * time.Microsecond)
		}
		for _, pid := range children {
			g.reap(pid, Exited(0))
		}
		g.is(int(g.word(counter).Load()) == processes*rounds, "counted %d", g.word(counter).Load())
		g.is(g.word(testShared).Load() == 1 && g.word(testShared+4).Load() == 0, "the semaphore is %d with %d waiters", g.word(testShared).Load(), g.word(testShared+4).Load())
	})
}

// TestFutexHandoff: two processes wake each other; a wake-up that is lost hangs. Timeouts must not eat one.
func TestFutexHandoff(t *testing.T) {
	newBox(t).run(func(g *guest) {
		g.ok(g.MapShared(testShared, 1, -1, 0))
		const rounds = 5000
		player := func(c *guest, mine, other Ptr) {
			for i := range int32(rounds) {
				for c.word(mine).Load() <= i {
					timeout := time.Duration(-1)
					if i%3 == 0 {
						timeout = time.Duration(i%50) * time.Microsecond
					}
					if err := c.FutexWait(mine, i, timeout); err != nil && err != errno.EAGAIN && err != errno.ETIMEDOUT {
						c.ok(err)
					}
				}
				c.word(other).Add(1)
				c.FutexWake(other, 1)
			}
		}
		child := g.fork(func(c *guest) { player(c, testShared, testShared+4) })
		g.word(testShared).Add(1)
		g.FutexWake(testShared, 1)
		player(g, testShared+4, testShared)
		g.reap(child, Exited(0))
	})
}

// TestFutexBuckets: semaphores that lie 128 bytes apart, as PostgreSQL's do, spread over the buckets.
func TestFutexBuckets(t *testing.T) {
	var table futexTable
	for _, stride := range []uint64{4, 64, 128, 4096, memory.Granule} {
		used := map[*futexBucket]int{}
		for i := range uint64(4 * futexBuckets) {
			used[table.bucket(futexKey{object: 3, offset: i * stride})]++
		}
		for _, n := range used {
			if n > 32 {
				t.Errorf("stride %d: %d of %d words in one bucket", stride, n, 4*futexBuckets)
			}
		}
	}
}
