package kernel

import (
	"sync"
	"sync/atomic"

	"github.com/pglite-toolbox/pglite/engine/internal/errno"
	"github.com/pglite-toolbox/pglite/engine/internal/vfs"
)

// maxDescriptors is RLIMIT_NOFILE, which the guest's library tells as well.
const maxDescriptors = 1024

// Description is an open file description: what descriptors share after dup and fork.
type Description struct {
	refs  atomic.Int32
	flags atomic.Int32 // O_APPEND, O_NONBLOCK and the access mode

	mu     sync.Mutex // guards the next two
	offset int64
	dir    []vfs.DirEntry // of a directory that is being read

	object object
}

// object is what a description refers to: a file, a pipe's end, a socket, shared memory, a stream of the host.
type object interface {
	close()
}

// readerWriter is an object that bytes flow through. Both return EAGAIN when they would wait; the caller waits then on
// poll.
type readerWriter interface {
	read(b []byte) (int, error)
	write(b []byte) (int, error)
}

// pollable is an object that can be waited for.
type pollable interface {
	poll() (revents int16)
	// queues are woken when reading and when writing may go on; they are one when the object has only one direction.
	queues() (in, out *waitQueue)
}

func newDescription(o object, flags int) *Description {
	d := &Description{object: o}
	d.refs.Store(1)
	d.flags.Store(int32(flags))
	return d
}

func (d *Description) retain() *Description {
	d.refs.Add(1)
	return d
}

func (d *Description) release() {
	if d.refs.Add(-1) == 0 {
		d.object.close()
	}
}

func (d *Description) nonblocking() bool { return d.flags.Load()&int32(vfs.O_NONBLOCK) != 0 }

func (d *Description) readable() bool {
	return int(d.flags.Load())&vfs.O_ACCMODE != vfs.O_WRONLY
}

func (d *Description) writable() bool {
	return int(d.flags.Load())&vfs.O_ACCMODE != vfs.O_RDONLY
}

// descriptors is a process's table. Only its process uses it, and its parent before it runs.
type descriptors struct {
	table []descriptor
	limit int // 0 means maxDescriptors
}

// end is the first number that no descriptor has.
func (t *descriptors) end() int {
	if t.limit > 0 {
		return min(t.limit, maxDescriptors)
	}
	return maxDescriptors
}

type descriptor struct {
	d       *Description
	cloexec bool
}

// get returns the description of fd.
func (t *descriptors) get(fd int32) (*Description, error) {
	if fd < 0 || int(fd) >= len(t.table) || t.table[fd].d == nil {
		return nil, errno.EBADF
	}
	return t.table[fd].d, nil
}

// free returns the lowest free number from low on.
func (t *descriptors) free(low int) (int, error) {
	for low < len(t.table) && t.table[low].d != nil {
		low++
	}
	if low >= t.end() {
		return 0, errno.EMFILE
	}
	return low, nil
}

// add puts d at the lowest free number from low on; it takes over the caller's reference, also on failure.
func (t *descriptors) add(d *Description, cloexec bool, low int) (int32, error) {
	fd, err := t.free(low)
	if err != nil {
		d.release()
		return 0, err
	}
	t.set(fd, d, cloexec)
	return int32(fd), nil
}

// set puts d at fd instead of what is there.
func (t *descriptors) set(fd int, d *Description, cloexec bool) {
	for len(t.table) <= fd {
		t.table = append(t.table, descriptor{})
	}
	if old := t.table[fd].d; old != nil {
		old.release()
	}
	t.table[fd] = descriptor{d, cloexec}
}

func (t *descriptors) close(fd int32) error {
	d, err := t.get(fd)
	if err != nil {
		return err
	}
	t.table[fd] = descriptor{}
	d.release()
	return nil
}

func (t *descriptors) closeAll() {
	for i := range t.table {
		if d := t.table[i].d; d != nil {
			t.table[i] = descriptor{}
			d.release()
		}
	}
}

func (t *descriptors) copyFrom(parent *descriptors) {
	t.table, t.limit = append([]descriptor(nil), parent.table...), parent.limit
	for _, e := range t.table {
		if e.d != nil {
			e.d.retain()
		}
	}
}

// fcntl commands, Linux's.
const (
	fDupFD        = 0
	fGetFD        = 1
	fSetFD        = 2
	fGetFL        = 3
	fSetFL        = 4
	fDupFDCloexec = 1030

	fdCloexec = 1
)

// Fcntl is fcntl(2): duplicating, the close-on-exec flag and the status flags.
func (p *Process) Fcntl(fd, command, arg int32) (int32, error) {
	d, err := p.fds.get(fd)
	if err != nil {
		return 0, err
	}
	switch command {
	case fDupFD, fDupFDCloexec:
		if arg < 0 || int(arg) >= p.fds.end() {
			return 0, errno.EINVAL
		}
		return p.fds.add(d.retain(), command == fDupFDCloexec, int(arg))
	case fGetFD:
		if p.fds.table[fd].cloexec {
			return fdCloexec, nil
		}
		return 0, nil
	case fSetFD:
		p.fds.table[fd].cloexec = arg&fdCloexec != 0
		return 0, nil
	case fGetFL:
		return d.flags.Load(), nil
	case fSetFL:
		const settable = int32(vfs.O_APPEND | vfs.O_NONBLOCK)
		d.flags.Store(d.flags.Load()&^settable | arg&settable)
		return 0, nil
	}
	return 0, errno.EINVAL
}

// Close is close(2).
func (p *Process) Close(fd int32) error { return p.fds.close(fd) }

// Dup is dup(2).
func (p *Process) Dup(fd int32) (int32, error) {
	d, err := p.fds.get(fd)
	if err != nil {
		return 0, err
	}
	return p.fds.add(d.retain(), false, 0)
}

// Dup3 is dup3(2); unlike it, equal numbers are allowed, as for dup2(2).
func (p *Process) Dup3(from, to int32, flags int32) (int32, error) {
	d, err := p.fds.get(from)
	if err != nil {
		return 0, err
	}
	if to < 0 || int(to) >= p.fds.end() {
		return 0, errno.EBADF
	}
	if from != to {
		p.fds.set(int(to), d.retain(), int(flags)&vfs.O_CLOEXEC != 0)
	}
	return to, nil
}

// open adds a new object to p's descriptors.
func (p *Process) open(o object, flags int) (int32, error) {
	const creation = vfs.O_CLOEXEC | vfs.O_CREAT | vfs.O_EXCL | vfs.O_TRUNC | vfs.O_DIRECTORY | vfs.O_NOFOLLOW
	return p.fds.add(newDescription(o, flags&^creation), flags&vfs.O_CLOEXEC != 0, 0)
}
