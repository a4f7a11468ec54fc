package kernel

import (
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"github.com/pglite-toolbox/pglite/engine/internal/errno"
)

// futexKey names a word of memory: of a shared object, or of one process's private memory (object 0).
type futexKey struct {
	object  uint64
	process int32
	offset  uint64
}

// futexWaiter is a process in FutexWait; each process has one. All of it is under the bucket's lock.
type futexWaiter struct {
	key        futexKey
	parker     *parker
	woken      bool
	next, prev *futexWaiter
}

// futexBucket lists the waiters of the keys that fall into it, the longest waiting first.
type futexBucket struct {
	mu          sync.Mutex
	first, last *futexWaiter
}

const futexBuckets = 64

type futexTable [futexBuckets]futexBucket

// bucket spreads the keys: PostgreSQL's semaphores lie 64 or 128 bytes apart, so that the low bits alone are all the
// same.
func (t *futexTable) bucket(key futexKey) *futexBucket {
	const golden = 0x9e3779b97f4a7c15
	hash := (key.offset>>2 ^ key.object<<32 ^ uint64(key.process)<<40) * golden
	return &t[hash>>58%futexBuckets]
}

func (p *Process) futexKey(addr Ptr) futexKey {
	if o, off, ok := p.region.Resolve(uint64(addr)); ok {
		return futexKey{object: o.ID(), offset: off}
	}
	return futexKey{process: p.pid, offset: uint64(addr)}
}

func (p *Process) word(addr Ptr) *atomic.Int32 {
	return (*atomic.Int32)(unsafe.Pointer(unsafe.SliceData(p.mem[addr : addr+4])))
}

// FutexWait sleeps while the word at addr holds value, until FutexWake or for timeout (negative: no limit).
// It fails with EAGAIN when the word holds another value, EINTR for a signal, ETIMEDOUT. See futex(2).
func (p *Process) FutexWait(addr Ptr, value int32, timeout time.Duration) error {
	if addr%4 != 0 || int64(addr)+4 > int64(len(p.mem)) {
		return errno.EFAULT
	}
	w := &p.futex
	w.key, w.parker, w.woken = p.futexKey(addr), &p.parker, false
	b := p.k.futexes.bucket(w.key)
	b.mu.Lock()
	if p.word(addr).Load() != value {
		b.mu.Unlock()
		return errno.EAGAIN
	}
	b.append(w)
	b.mu.Unlock()
	deadline := noDeadline
	if timeout >= 0 {
		deadline = time.Now().Add(timeout)
	}
	return p.futexSleep(b, w, deadline)
}

func (p *Process) futexSleep(b *futexBucket, w *futexWaiter, deadline time.Time) error {
	expired := false
	for {
		b.mu.Lock()
		switch {
		case w.woken:
			b.mu.Unlock()
			return nil
		case expired || p.interrupted():
			b.remove(w)
			b.mu.Unlock()
			if expired {
				return errno.ETIMEDOUT
			}
			return errno.EINTR
		}
		b.mu.Unlock()
		expired = !p.parker.park(deadline)
	}
}

// append puts w at the end; b.mu is held.
func (b *futexBucket) append(w *futexWaiter) {
	w.next, w.prev = nil, b.last
	if b.last == nil {
		b.first = w
	} else {
		b.last.next = w
	}
	b.last = w
}

// remove takes w out; b.mu is held.
func (b *futexBucket) remove(w *futexWaiter) {
	if w.prev == nil {
		b.first = w.next
	} else {
		w.prev.next = w.next
	}
	if w.next == nil {
		b.last = w.prev
	} else {
		w.next.prev = w.prev
	}
	w.next, w.prev = nil, nil
}

// FutexWake wakes up to n waiters of the word at addr, the longest waiting first, and returns how many.
func (p *Process) FutexWake(addr Ptr, n int) (woken int) {
	key := p.futexKey(addr)
	b := p.k.futexes.bucket(key)
	b.mu.Lock()
	defer b.mu.Unlock()
	for w := b.first; w != nil && woken < n; {
		next := w.next
		if w.key == key {
			b.remove(w)
			w.woken = true
			w.parker.unpark()
			woken++
		}
		w = next
	}
	return woken
}
