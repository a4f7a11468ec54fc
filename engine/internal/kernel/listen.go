package kernel

import (
	"context"
	"path"
	"slices"
	"sync"

	"github.com/pglite-toolbox/pglite/engine/internal/errno"
	"github.com/pglite-toolbox/pglite/engine/internal/vfs"
)

// offer queues a connection for accept; it fails with EAGAIN while the queue is full.
func (s *socket) offer(c connection) error {
	if s.host != nil {
		s.host(newConn(c.duplex))
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || !s.listening {
		return errno.ECONNREFUSED
	}
	if len(s.backlog) >= s.limit {
		return errno.EAGAIN
	}
	s.backlog = append(s.backlog, c)
	s.idle.wake()
	return nil
}

func (s *socket) take() (connection, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.listening {
		return connection{}, errno.EINVAL
	}
	if len(s.backlog) == 0 {
		return connection{}, errno.EAGAIN
	}
	c := s.backlog[0]
	s.backlog = slices.Delete(s.backlog, 0, 1)
	s.room.wake()
	return c, nil
}

// socketNames are the Unix-domain sockets that listen.
type socketNames struct {
	mu     sync.Mutex
	byPath map[string]*socket
}

func (n *socketNames) init() { n.byPath = map[string]*socket{} }

func (n *socketNames) put(path string, s *socket) {
	n.mu.Lock()
	n.byPath[path] = s
	n.mu.Unlock()
}

func (n *socketNames) get(path string) *socket {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.byPath[path]
}

func (n *socketNames) remove(path string, s *socket) {
	n.mu.Lock()
	if n.byPath[path] == s {
		delete(n.byPath, path)
	}
	n.mu.Unlock()
}

// forget takes the name away from whoever listens there: its file in the tree files has been unlinked.
func (n *socketNames) forget(path string, files *vfs.Tree) {
	n.mu.Lock()
	if s := n.byPath[path]; s != nil && s.files == files {
		delete(n.byPath, path)
	}
	n.mu.Unlock()
}

// dial makes a connection to the listener at path and returns the caller's end.
func (k *Kernel) dial(path string, as Client) (connection, error) {
	l := k.sockets.get(path)
	if l == nil {
		return connection{}, errno.ECONNREFUSED
	}
	server, client := newDuplex()
	if err := l.offer(connection{server, as}); err != nil {
		return connection{}, err
	}
	return connection{client, Client{Local: as.Remote, Remote: as.Local}}, nil
}

// dialPatiently is dial that waits for room in the listener's queue.
func (k *Kernel) dialPatiently(ctx context.Context, path string, as Client) (connection, error) {
	p := newParker()
	defer context.AfterFunc(ctx, p.unpark)()
	for {
		c, err := k.dial(path, as)
		l := k.sockets.get(path)
		if err != errno.EAGAIN || l == nil {
			return c, err
		}
		var w waiter
		l.room.add(&w, &p)
		if c, err = k.dial(path, as); err == errno.EAGAIN && ctx.Err() == nil {
			p.park(noDeadline)
		}
		w.leave()
		if err != errno.EAGAIN {
			return c, err
		}
		if ctx.Err() != nil {
			return connection{}, context.Cause(ctx)
		}
	}
}

// Bind is bind(2), for Unix-domain sockets: the guest has no network of its own, its TCP connections are handed to it.
func (p *Process) Bind(fd int32, a Address) error {
	s, _, err := p.socket(fd)
	if err != nil {
		return err
	}
	if a.Family() != AFUnix || s.family != AFUnix {
		return errno.EADDRNOTAVAIL
	}
	name, err := p.socketPath(a)
	if err != nil {
		return err
	}
	if s.named() {
		return errno.EINVAL
	}
	f, err := p.files.OpenFile(name, vfs.O_CREAT|vfs.O_EXCL|vfs.O_RDWR, 0o777&^p.umask)
	if errno.Of(err) == errno.EEXIST {
		return errno.EADDRINUSE
	}
	if err != nil {
		return err
	}
	_ = f.Close()
	s.mu.Lock()
	s.path, s.files, s.local = name, p.files, slices.Clone(a)
	s.mu.Unlock()
	return nil
}

func (s *socket) named() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.path != "" || s.connected.Load() != nil
}

// socketPath returns the clean path of a Unix-domain address, by which the listening socket is found.
func (p *Process) socketPath(a Address) (string, error) {
	name, err := p.abs(AtCwd, a.path())
	return path.Clean(name), err
}

// Listen is listen(2).
func (p *Process) Listen(fd int32, backlog int32) error {
	s, _, err := p.socket(fd)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.path == "" || s.connected.Load() != nil {
		return errno.EINVAL
	}
	s.limit = max(int(backlog), 1)
	if !s.listening { // again, it only sets the limit: the path may be another's by now
		s.listening = true
		p.k.sockets.put(s.path, s)
	}
	return nil
}

// Accept is accept4(2).
func (p *Process) Accept(fd int32, flags int32) (int32, Address, error) {
	s, d, err := p.socket(fd)
	if err != nil {
		return 0, nil, err
	}
	if _, err = p.fds.free(0); err != nil {
		return 0, nil, err // the connection stays in the backlog
	}
	var c connection
	if _, err = p.transfer(d, PollIn, func() (int, error) {
		c, err = s.take()
		return 0, err
	}); err != nil {
		return 0, nil, err
	}
	nfd, err := p.open(p.k.socketOf(c), vfs.O_RDWR|int(flags)&(vfs.O_NONBLOCK|vfs.O_CLOEXEC))
	return nfd, c.Remote, err
}

// Connect is connect(2), to a Unix-domain socket of the guest's own.
func (p *Process) Connect(fd int32, a Address) error {
	s, _, err := p.socket(fd)
	if err != nil {
		return err
	}
	switch {
	case a.Family() != AFUnix:
		return errno.ECONNREFUSED
	case s.connected.Load() != nil:
		return errno.EISCONN
	}
	name, err := p.socketPath(a)
	if err != nil {
		return err
	}
	if p.k.sockets.get(name) == nil {
		if _, err := p.files.Stat(name); err != nil {
			return err
		}
	}
	// a lies in the memory of the guest
	c, err := p.k.dial(name, Client{Local: slices.Clone(a), Remote: UnixAddress("")})
	if err == errno.EAGAIN {
		err = errno.ECONNREFUSED // a blocking connect would wait; the guest's own clients are few
	}
	if err != nil {
		return err
	}
	return s.connect(c)
}

// connect makes c the connection of s.
func (s *socket) connect(c connection) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.connected.Load() != nil:
		c.close()
		return errno.EISCONN
	case s.listening || s.family != AFUnix:
		c.close()
		return errno.EINVAL
	}
	s.local, s.remote = c.Local, c.Remote
	s.connected.Store(c.duplex)
	s.idle.wake()
	return nil
}
