package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
)

// visitor is a DB whose server another process runs, until that one ends; then it becomes, or finds, the next.
type visitor struct {
	cfg    Config
	turn   chan struct{} // holds a token: who has it may look for another owner
	closed chan struct{}
	once   sync.Once

	mu     sync.Mutex
	socket string // of the owner
	own    *DB    // the server is ours by now
	conns  map[*visitorConn]struct{}
}

func newVisitor(cfg Config, socket string) *visitor {
	v := &visitor{cfg: cfg, socket: socket, turn: make(chan struct{}, 1), closed: make(chan struct{}), conns: map[*visitorConn]struct{}{}}
	v.turn <- struct{}{}
	return v
}

// knock connects to an owner and returns when that has let us in.
func knock(ctx context.Context, socket string) (*net.UnixConn, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "unix", socket)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	_, err = conn.Write(greeting[:])
	if err == nil {
		var answer [1]byte
		if _, err = io.ReadFull(conn, answer[:]); err == nil && answer[0] != welcome {
			err = errors.New("the socket is not that of a pglite")
		}
	}
	if !stop() {
		err = ctx.Err()
	}
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	return conn.(*net.UnixConn), nil
}

// knockPatiently is knock that gives up with errSilent when the owner takes the connection and does not answer: it may be stopped.
func knockPatiently(ctx context.Context, socket string) (*net.UnixConn, error) {
	patient, cancel := context.WithTimeout(ctx, silent)
	defer cancel()
	conn, err := knock(patient, socket)
	if err != nil && ctx.Err() == nil && patient.Err() != nil {
		err = errSilent
	}
	return conn, err
}

// state returns the owner's socket, or the server that is ours by now.
func (v *visitor) state() (socket string, own *DB, err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	select {
	case <-v.closed:
		return "", nil, ErrClosed
	default:
		return v.socket, v.own, nil
	}
}

// dial connects to the server, whoever runs it.
func (v *visitor) dial(ctx context.Context) (net.Conn, error) {
	for restarted := false; ; {
		socket, own, err := v.state()
		if err != nil {
			return nil, err
		}
		if own != nil {
			conn, err := own.Dial(ctx)
			if err == nil || own.gone() == nil || restarted {
				return conn, err
			}
			restarted = true // the server has ended by itself: as with that of another process, the next one is looked for
		} else if conn, err := knockPatiently(ctx, socket); err == nil {
			return v.keep(conn)
		}
		if err := v.takeOver(ctx, socket, own); err != nil {
			return nil, fmt.Errorf("the server cannot be reached any more: %w", err)
		}
	}
}

// takeOver becomes the owner in place of the one that listened at socket, or of our own dead server, or finds out who has become it.
func (v *visitor) takeOver(ctx context.Context, socket string, dead *DB) error {
	select {
	case <-v.turn:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { v.turn <- struct{}{} }()
	if now, own, err := v.state(); err != nil || own != dead || now != socket {
		return err // another goroutine has been here
	}
	if dead != nil {
		_ = dead.Close() // it has told its end to its log
	}
	own, found, err := ownOrFind(ctx, v.cfg)
	if err != nil {
		return err
	}
	v.mu.Lock()
	select {
	case <-v.closed:
		err = ErrClosed
	default:
		v.own, v.socket = own, found
	}
	v.mu.Unlock()
	if err != nil && own != nil {
		_ = own.Close()
	}
	return err
}

// close ends the sessions, and the server if it has become ours.
func (v *visitor) close(closeOwn func(*DB) error) (err error) {
	v.once.Do(func() {
		v.mu.Lock()
		close(v.closed)
		own, conns := v.own, v.conns
		v.conns = nil
		v.mu.Unlock()
		for c := range conns {
			_ = c.UnixConn.Close()
		}
		if own != nil {
			err = closeOwn(own)
		}
	})
	return err
}

// visitorConn is a session at the owner's.
type visitorConn struct {
	*net.UnixConn
	v *visitor
}

func (v *visitor) keep(conn *net.UnixConn) (net.Conn, error) {
	c := &visitorConn{conn, v}
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.conns == nil {
		_ = conn.Close()
		return nil, ErrClosed
	}
	v.conns[c] = struct{}{}
	return c, nil
}

// Close implements net.Conn.
func (c *visitorConn) Close() error {
	c.v.mu.Lock()
	delete(c.v.conns, c)
	c.v.mu.Unlock()
	return c.UnixConn.Close()
}

// PlainSocket returns the socket: only Close is its own.
func (c *visitorConn) PlainSocket() *net.UnixConn { return c.UnixConn }
