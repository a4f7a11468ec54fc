package kernel

import "github.com/pglite-toolbox/pglite/engine/internal/errno"

// flags of recv(2) and send(2)
const (
	msgPeek     = 0x2
	msgDontWait = 0x40
	msgNoSignal = 0x4000
)

// Recv is recv(2).
func (p *Process) Recv(fd int32, b []byte, flags int32) (int, error) {
	s, d, err := p.socket(fd)
	if err != nil {
		return 0, err
	}
	c := s.connected.Load()
	if c == nil {
		return 0, errno.ENOTCONN
	}
	op := func() (int, error) { return c.in.take(b, flags&msgPeek == 0) }
	if flags&msgDontWait != 0 {
		return op()
	}
	return p.transfer(d, PollIn, op)
}

// Send is send(2).
func (p *Process) Send(fd int32, b []byte, flags int32) (n int, err error) {
	s, d, err := p.socket(fd)
	if err != nil {
		return 0, err
	}
	if flags&msgDontWait != 0 {
		n, err = s.write(b)
	} else {
		n, err = p.writeAll(d, b)
	}
	if err == errno.EPIPE && flags&msgNoSignal == 0 {
		p.raise(SIGPIPE)
	}
	return n, err
}

// Shutdown is shutdown(2).
func (p *Process) Shutdown(fd int32, how int32) error {
	s, _, err := p.socket(fd)
	if err != nil {
		return err
	}
	c := s.connected.Load()
	if c == nil {
		return errno.ENOTCONN
	}
	if how < 0 || how > 2 {
		return errno.EINVAL
	}
	if how != 1 {
		c.in.closeRead()
	}
	if how != 0 {
		c.out.closeWrite()
	}
	return nil
}

// Getsockname is getsockname(2), or getpeername(2) when peer is set.
func (p *Process) Getsockname(fd int32, peer bool) (Address, error) {
	s, _, err := p.socket(fd)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.local
	if peer {
		if a = s.remote; a == nil {
			return nil, errno.ENOTCONN
		}
	}
	if a == nil {
		a = Address{byte(s.family), 0}
	}
	return a, nil
}

// IsSocket fails unless fd is a socket.
func (p *Process) IsSocket(fd int32) error {
	_, _, err := p.socket(fd)
	return err
}
