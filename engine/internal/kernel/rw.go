package kernel

import (
	"github.com/pglite-toolbox/pglite/engine/internal/errno"
)

// Read is read(2): it waits unless the description is non-blocking.
func (p *Process) Read(fd int32, b []byte) (int, error) {
	d, err := p.fds.get(fd)
	if err != nil {
		return 0, err
	}
	if f, ok := d.object.(*file); ok {
		if !d.readable() {
			return 0, errno.EBADF
		}
		return f.read(d, b)
	}
	rw, ok := d.object.(readerWriter)
	if !ok {
		return 0, errno.EINVAL
	}
	return p.transfer(d, PollIn, func() (int, error) { return rw.read(b) })
}

// Write is write(2). To a pipe or socket it waits until all is written unless the description is non-blocking.
// When nobody reads any more it fails with EPIPE and raises SIGPIPE.
func (p *Process) Write(fd int32, b []byte) (int, error) {
	d, err := p.fds.get(fd)
	if err != nil {
		return 0, err
	}
	if f, ok := d.object.(*file); ok {
		if !d.writable() {
			return 0, errno.EBADF
		}
		return f.write(d, b)
	}
	n, err := p.writeAll(d, b)
	if err == errno.EPIPE {
		p.raise(SIGPIPE)
	}
	return n, err
}

func (p *Process) writeAll(d *Description, b []byte) (done int, err error) {
	rw, ok := d.object.(readerWriter)
	if !ok {
		return 0, errno.EINVAL
	}
	for {
		n, err := p.transfer(d, PollOut, func() (int, error) { return rw.write(b[done:]) })
		done += n
		if err != nil && done > 0 {
			return done, nil
		}
		if err != nil || done == len(b) || d.nonblocking() {
			return done, err
		}
	}
}

// transfer tries op and waits, when it would block, for the events.
func (p *Process) transfer(d *Description, events int16, op func() (int, error)) (n int, err error) {
	n, err = op()
	if err != errno.EAGAIN || d.nonblocking() {
		return n, err
	}
	o, ok := d.object.(pollable)
	if !ok {
		return n, err
	}
	q, out := o.queues()
	if events == PollOut {
		q = out
	}
	wait := p.await(q, noDeadline, func() bool {
		n, err = op()
		return err != errno.EAGAIN
	})
	if wait != nil {
		return 0, wait
	}
	return n, err
}
