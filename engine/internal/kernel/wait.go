package kernel

import (
	"time"

	"github.com/pglite-toolbox/pglite/engine/internal/errno"
)

const (
	waitNoHang = 1
)

// await parks p until ready reports true. It fails with EINTR when a signal waits, with EAGAIN when the
// deadline (zero: none) passes. p is registered with q meanwhile.
func (p *Process) await(q *waitQueue, deadline time.Time, ready func() bool) error {
	q.add(&p.waiter, &p.parker)
	defer p.waiter.leave()
	for {
		if ready() {
			return nil
		}
		if p.interrupted() {
			return errno.EINTR
		}
		if !p.parker.park(deadline) {
			if ready() {
				return nil
			}
			return errno.EAGAIN
		}
	}
}

// Wait4 is waitpid(2): it returns a child that has ended and its status, pid 0 when none has and WNOHANG is given.
func (p *Process) Wait4(pid int32, options int32) (child int32, status Status, err error) {
	found := func() bool {
		var known bool
		child, status, known = p.k.collect(p, pid)
		if !known {
			err = errno.ECHILD
		}
		return child != 0 || !known
	}
	if options&waitNoHang != 0 {
		found()
		return child, status, err
	}
	if e := p.await(&p.children, noDeadline, found); e != nil {
		return 0, 0, e
	}
	return child, status, err
}

// collect removes a zombie child that matches pid; known reports whether p has such a child at all.
func (k *Kernel) collect(p *Process, pid int32) (child int32, status Status, known bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, c := range p.forked {
		if !c.matches(pid, p.group) {
			continue
		}
		known = true
		if c.zombie {
			delete(k.processes, c.pid)
			delete(p.forked, c.pid)
			return c.pid, c.status, true
		}
	}
	return 0, 0, known
}

// HasZombies reports whether a child has ended that p has not yet waited for.
func (p *Process) HasZombies() bool {
	p.k.mu.Lock()
	defer p.k.mu.Unlock()
	for _, c := range p.forked {
		if c.zombie {
			return true
		}
	}
	return false
}

// matches reports whether waitpid(2) means p by pid, the caller being of a group.
func (p *Process) matches(pid, group int32) bool {
	switch {
	case pid > 0:
		return p.pid == pid
	case pid == 0:
		return p.group == group
	}
	return pid == -1 || p.group == -pid
}

// Sleep sleeps for d. When a signal ends it early it fails with EINTR and returns what is left.
func (p *Process) Sleep(d time.Duration) (left time.Duration, err error) {
	deadline := time.Now().Add(d)
	for {
		if p.interrupted() {
			return max(time.Until(deadline), 0), errno.EINTR
		}
		if !p.parker.park(deadline) {
			return 0, nil
		}
	}
}
