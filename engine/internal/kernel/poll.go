package kernel

import (
	"encoding/binary"
	"slices"
	"time"

	"github.com/pglite-toolbox/pglite/engine/internal/errno"
)

// Events of poll(2), Linux's numbers.
const (
	PollIn   int16 = 0x1
	PollPri  int16 = 0x2
	PollOut  int16 = 0x4
	PollErr  int16 = 0x8
	PollHup  int16 = 0x10
	PollNval int16 = 0x20
	// pollRdHup is POLLRDHUP: the peer has stopped writing.
	pollRdHup int16 = 0x2000
)

const pollfdSize = 8

// Poll is poll(2) on an array of struct pollfd in memory. A negative timeout waits without limit.
func (p *Process) Poll(fds []byte, timeout time.Duration) (int, error) {
	if len(fds) > maxDescriptors*pollfdSize {
		return 0, errno.EINVAL
	}
	if n := p.pollOnce(fds); n > 0 || timeout == 0 {
		if n == 0 && p.interrupted() {
			return 0, errno.EINTR
		}
		return n, nil
	}
	deadline := noDeadline
	if timeout > 0 {
		deadline = time.Now().Add(timeout)
	}
	p.enterQueues(fds)
	n, err := p.pollWait(fds, deadline)
	for i := range p.polled {
		p.polled[i].leave()
	}
	return n, err
}

func (p *Process) pollWait(fds []byte, deadline time.Time) (int, error) {
	for {
		if n := p.pollOnce(fds); n > 0 {
			return n, nil
		}
		if p.interrupted() {
			return 0, errno.EINTR
		}
		if !p.parker.park(deadline) {
			return p.pollOnce(fds), nil
		}
	}
}

// pollOnce fills in revents and returns how many are not zero.
func (p *Process) pollOnce(fds []byte) (ready int) {
	for ; len(fds) >= pollfdSize; fds = fds[pollfdSize:] {
		fd := int32(binary.LittleEndian.Uint32(fds))
		events := int16(binary.LittleEndian.Uint16(fds[4:]))
		revents := p.events(fd) & (events | PollErr | PollHup | PollNval)
		binary.LittleEndian.PutUint16(fds[6:], uint16(revents))
		if revents != 0 {
			ready++
		}
	}
	return ready
}

func (p *Process) events(fd int32) int16 {
	if fd < 0 {
		return 0
	}
	d, err := p.fds.get(fd)
	if err != nil {
		return PollNval
	}
	if o, ok := d.object.(pollable); ok {
		return o.poll()
	}
	return PollIn | PollOut // files are always ready
}

// enterQueues enters p.polled into the queues of all that fds names. An array in shared memory may change meanwhile, so
// what was entered is what is left again.
func (p *Process) enterQueues(fds []byte) {
	p.polled = slices.Grow(p.polled[:0], 2*len(fds)/pollfdSize)
	for ; len(fds) >= pollfdSize; fds = fds[pollfdSize:] {
		d, err := p.fds.get(int32(binary.LittleEndian.Uint32(fds)))
		if err != nil {
			continue
		}
		o, ok := d.object.(pollable)
		if !ok {
			continue
		}
		events := int16(binary.LittleEndian.Uint16(fds[4:]))
		reads, writes := events&(PollIn|pollRdHup) != 0, events&PollOut != 0
		in, out := o.queues()
		if reads || !writes || in == out {
			p.enter(in)
		}
		if (writes || !reads) && in != out { // with neither, POLLHUP may come from both directions
			p.enter(out)
		}
	}
}

func (p *Process) enter(q *waitQueue) {
	p.polled = append(p.polled, waiter{})
	q.add(&p.polled[len(p.polled)-1], &p.parker)
}
