package kernel

import (
	"sync"
	"sync/atomic"

	"github.com/pglite-toolbox/pglite/engine/internal/errno"
	"github.com/pglite-toolbox/pglite/engine/internal/vfs"
)

// socket is a stream socket. It is new, then listening or connected, for the rest of its life.
type socket struct {
	k      *Kernel
	family int
	host   func(*Conn) // takes the connections instead of accept; see Kernel.Serve

	connected atomic.Pointer[duplex] // nil until then

	mu            sync.Mutex
	local, remote Address
	tls           *TLS      // nil without TLS; never changed
	path          string    // of a bound Unix-domain socket
	files         *vfs.Tree // that path is in; nil for the host's
	listening     bool
	closed        bool
	backlog       []connection
	limit         int
	idle          waitQueue // pollers of a socket that is not connected, accepting ones
	room          waitQueue // those who want to connect while the backlog is full
}

// duplex is the two directions of a connection as one end sees them.
type duplex struct{ in, out *stream }

func newDuplex() (a, b *duplex) {
	up, down := &stream{}, &stream{}
	return &duplex{up, down}, &duplex{down, up}
}

func (d *duplex) close() {
	d.in.closeRead()
	d.out.closeWrite()
}

// connection is one end of a connection that nobody has taken yet.
type connection struct {
	*duplex
	Client
}

func (s *socket) read(b []byte) (int, error) {
	c := s.connected.Load()
	if c == nil {
		return 0, errno.ENOTCONN
	}
	return c.in.read(b)
}

func (s *socket) write(b []byte) (int, error) {
	c := s.connected.Load()
	if c == nil {
		return 0, errno.ENOTCONN
	}
	return c.out.write(b)
}

func (s *socket) queues() (in, out *waitQueue) {
	if c := s.connected.Load(); c != nil {
		return &c.in.readers, &c.out.writers
	}
	return &s.idle, &s.idle
}

func (s *socket) poll() (revents int16) {
	c := s.connected.Load()
	if c == nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		if len(s.backlog) > 0 {
			return PollIn
		}
		if !s.listening {
			return PollOut | PollHup
		}
		return 0
	}
	reading, writing := c.in.state(), c.out.state()
	if reading.readable() {
		revents |= PollIn
	}
	if reading.closed() {
		revents |= pollRdHup
	}
	if writing.writable(1) {
		revents |= PollOut
	}
	if reading.closed() && writing.closed() {
		revents |= PollHup
	}
	return revents
}

func (s *socket) close() {
	s.mu.Lock()
	backlog, path, listening := s.backlog, s.path, s.listening
	s.backlog, s.closed = nil, true
	s.mu.Unlock()
	if listening {
		s.k.sockets.remove(path, s)
	}
	s.room.wake()
	for _, c := range backlog {
		c.close()
	}
	if c := s.connected.Load(); c != nil {
		c.close()
	}
}

// flags of socket(2)
const (
	sockStream = 1
	sockType   = 0xf
)

// Socket is socket(2): stream sockets only.
func (p *Process) Socket(family, kind int32) (int32, error) {
	if family != AFUnix && family != AFInet && family != AFInet6 {
		return 0, errno.EAFNOSUPPORT
	}
	if kind&sockType != sockStream {
		return 0, errno.EPROTONOSUPPORT
	}
	return p.open(&socket{k: p.k, family: int(family)}, vfs.O_RDWR|int(kind)&(vfs.O_NONBLOCK|vfs.O_CLOEXEC))
}

// Socketpair is socketpair(2).
func (p *Process) Socketpair(kind int32) (a, b int32, err error) {
	one, other := newDuplex()
	flags := vfs.O_RDWR | int(kind)&(vfs.O_NONBLOCK|vfs.O_CLOEXEC)
	name := UnixAddress("")
	if a, err = p.open(p.k.socketOf(connection{one, Client{Local: name, Remote: name}}), flags); err != nil {
		return 0, 0, err
	}
	if b, err = p.open(p.k.socketOf(connection{other, Client{Local: name, Remote: name}}), flags); err != nil {
		_ = p.Close(a)
		return 0, 0, err
	}
	return a, b, nil
}

// socketOf makes a connected socket.
func (k *Kernel) socketOf(c connection) *socket {
	s := &socket{k: k, family: c.Remote.Family(), local: c.Local, remote: c.Remote, tls: c.TLS}
	s.connected.Store(c.duplex)
	return s
}

func (p *Process) socket(fd int32) (*socket, *Description, error) {
	d, err := p.fds.get(fd)
	if err != nil {
		return nil, nil, err
	}
	s, ok := d.object.(*socket)
	if !ok {
		return nil, d, errno.ENOTSOCK
	}
	return s, d, nil
}
