package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
)

// visitor is a DB whose server another process runs, until that one ends; then it becomes, or finds, the next.
type visitor struct {
	cfg    Config
	turn   chan struct{} // holds a token: who has it may look for another owner
	closed chan struct{}
	once   sync.Once

	mu     sync.Mutex
	socket string     // of the owner
	mine   *ownServer // the server is ours by now
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
func (v *visitor) state() (socket string, own *ownServer, err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	select {
	case <-v.closed:
		return "", nil, ErrClosed
	default:
		return v.socket, v.mine, nil
	}
}

// connect connects to the server, whoever runs it.
func (v *visitor) connect(ctx context.Context) (net.Conn, error) {
	for restarted := false; ; {
		socket, own, err := v.state()
		if err != nil {
			return nil, err
		}
		if own != nil {
			conn, err := own.dial(ctx)
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
func (v *visitor) takeOver(ctx context.Context, socket string, dead *ownServer) error {
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
		_ = dead.close() // it has told its end to its log
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
		v.mine, v.socket = own, found
	}
	v.mu.Unlock()
	if err != nil && own != nil {
		_ = own.close()
	}
	return err
}

// end ends the sessions, and the server if it has become ours.
func (v *visitor) end(closeOwn func(*ownServer) error) (err error) {
	v.once.Do(func() {
		v.mu.Lock()
		close(v.closed)
		own, conns := v.mine, v.conns
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

// errAttached tells that only the process which runs the server can do something.
var errAttached = errors.New("another process runs the server")

// errMoved tells that the server runs on a directory that has another name by now.
var errMoved = errors.New("it is not the directory that the server runs on: that one has been moved or replaced since")

func (v *visitor) own() (*ownServer, error) {
	_, own, err := v.state()
	if err == nil && own == nil {
		err = errAttached
	}
	return own, err
}

func (v *visitor) gone() error {
	_, own, err := v.state()
	if err != nil || own == nil {
		return err
	}
	return own.gone()
}

func (v *visitor) done() <-chan struct{} { return v.closed }

func (v *visitor) dataDir() string { return v.cfg.DataDir }

// dataRoot opens the directory of the server, unless it has been moved or replaced: then it is another one.
func (v *visitor) dataRoot() (*os.Root, error) {
	socket, own, err := v.state()
	if err != nil {
		return nil, err
	}
	if own != nil {
		return own.dataRoot()
	}
	root, err := os.OpenRoot(v.cfg.DataDir)
	if err != nil {
		return nil, err
	}
	if !isOwned(v.cfg.DataDir) || ownerIn(root).Socket != socket {
		return nil, errors.Join(fmt.Errorf("data directory %q: %w", v.cfg.DataDir, errMoved), root.Close())
	}
	return root, nil
}

func (v *visitor) dial(ctx context.Context) (net.Conn, error) {
	conn, err := v.connect(ctx)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	return conn, nil
}

// runTool runs a program whose connections go to the owner.
func (v *visitor) runTool(ctx context.Context, t Tool) (exitCode int, err error) {
	_, own, err := v.state()
	if err != nil {
		return 0, fmt.Errorf("run %s: %w", t.Name, err)
	}
	if own != nil {
		return own.runTool(ctx, t)
	}
	return RunRemote(ctx, v.cfg, v.connect, t)
}

func (v *visitor) close() error { return v.end((*ownServer).close) }

func (v *visitor) closeImmediately() error { return v.end((*ownServer).closeImmediately) }

func (v *visitor) release(ctx context.Context) error {
	return v.end(func(own *ownServer) error { return own.release(ctx) })
}
