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

// attachedServer is a server that another process runs. When that process ends, this one starts the server, or attaches
// to the process that has.
type attachedServer struct {
	cfg    Config
	turn   chan struct{} // holds a token: who has it may look for another owner
	closed chan struct{}
	once   sync.Once

	mu     sync.Mutex
	socket string     // of the owner
	mine   *ownServer // the server is ours by now
	conns  map[*attachedConn]struct{}
}

func newAttachedServer(cfg Config, socket string) *attachedServer {
	a := &attachedServer{
		cfg: cfg, socket: socket, turn: make(chan struct{}, 1), closed: make(chan struct{}),
		conns: map[*attachedConn]struct{}{},
	}
	a.turn <- struct{}{}
	return a
}

// handshake connects to an owner and returns when that has admitted us.
func handshake(ctx context.Context, socket string) (*net.UnixConn, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "unix", socket)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	_, err = conn.Write(handshakeRequest[:])
	if err == nil {
		var answer [1]byte
		if _, err = io.ReadFull(conn, answer[:]); err == nil && answer[0] != handshakeAccepted {
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

// handshakePatiently is handshake that gives up with errSilent when the owner accepts the connection and does not
// answer: it may be stopped.
func handshakePatiently(ctx context.Context, socket string) (*net.UnixConn, error) {
	patient, cancel := context.WithTimeout(ctx, silentPatience)
	defer cancel()
	conn, err := handshake(patient, socket)
	if err != nil && ctx.Err() == nil && patient.Err() != nil {
		err = errSilent
	}
	return conn, err
}

// state returns the owner's socket, or the server that is ours by now.
func (a *attachedServer) state() (socket string, own *ownServer, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	select {
	case <-a.closed:
		return "", nil, ErrClosed
	default:
		return a.socket, a.mine, nil
	}
}

// connect connects to the server, whoever runs it.
func (a *attachedServer) connect(ctx context.Context) (net.Conn, error) {
	for restarted := false; ; {
		socket, own, err := a.state()
		if err != nil {
			return nil, err
		}
		if own != nil {
			conn, err := own.dial(ctx)
			if err == nil || own.gone() == nil || restarted {
				return conn, err
			}
			// the server has ended by itself: as with that of another process, the next one is looked for
			restarted = true
		} else if conn, err := handshakePatiently(ctx, socket); err == nil {
			return a.keep(conn)
		}
		if err := a.takeOver(ctx, socket, own); err != nil {
			return nil, fmt.Errorf("the server cannot be reached any more: %w", err)
		}
	}
}

// takeOver becomes the owner instead of the one that listened at socket, or of our own dead server, or finds out who
// has become it.
func (a *attachedServer) takeOver(ctx context.Context, socket string, dead *ownServer) error {
	select {
	case <-a.turn:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { a.turn <- struct{}{} }()
	if now, own, err := a.state(); err != nil || own != dead || now != socket {
		return err // another goroutine has been here
	}
	if dead != nil {
		_ = dead.close() // it has told its end to its log
	}
	own, found, err := ownOrFind(ctx, a.cfg)
	if err != nil {
		return err
	}
	a.mu.Lock()
	select {
	case <-a.closed:
		err = ErrClosed
	default:
		a.mine, a.socket = own, found
	}
	a.mu.Unlock()
	if err != nil && own != nil {
		_ = own.close()
	}
	return err
}

// end ends the sessions, and the server by closeOwn if it has become ours. Each call does the latter, so that a harder
// end hurries one that is under way.
func (a *attachedServer) end(closeOwn func(*ownServer) error) error {
	a.once.Do(func() {
		a.mu.Lock()
		close(a.closed)
		conns := a.conns
		a.conns = nil
		a.mu.Unlock()
		for c := range conns {
			_ = c.UnixConn.Close()
		}
	})
	a.mu.Lock()
	own := a.mine // takeOver puts no other there once closed is
	a.mu.Unlock()
	if own == nil {
		return nil
	}
	return closeOwn(own)
}

// attachedConn is a session at the owner's.
type attachedConn struct {
	*net.UnixConn
	server *attachedServer
}

func (a *attachedServer) keep(conn *net.UnixConn) (net.Conn, error) {
	c := &attachedConn{conn, a}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.conns == nil {
		_ = conn.Close()
		return nil, ErrClosed
	}
	a.conns[c] = struct{}{}
	return c, nil
}

// Close implements net.Conn.
func (c *attachedConn) Close() error {
	c.server.mu.Lock()
	delete(c.server.conns, c)
	c.server.mu.Unlock()
	return c.UnixConn.Close()
}

// PlainSocket returns the socket: only Close is its own.
func (c *attachedConn) PlainSocket() *net.UnixConn { return c.UnixConn }

// errAttached tells that only the process which runs the server can do something.
var errAttached = errors.New("another process runs the server")

// errMoved tells that the server runs on a directory that has another name by now.
var errMoved = errors.New("it is not the directory that the server runs on: that one has been moved or replaced since")

func (a *attachedServer) own() (*ownServer, error) {
	_, own, err := a.state()
	if err == nil && own == nil {
		err = errAttached
	}
	return own, err
}

func (a *attachedServer) gone() error {
	_, own, err := a.state()
	if err != nil || own == nil {
		return err
	}
	return own.gone()
}

func (a *attachedServer) done() <-chan struct{} { return a.closed }

func (a *attachedServer) dataDir() string { return a.cfg.DataDir }

// dataRoot opens the directory of the server, unless it has been moved or replaced: then it is another one.
func (a *attachedServer) dataRoot() (*os.Root, error) {
	socket, own, err := a.state()
	if err != nil {
		return nil, err
	}
	if own != nil {
		return own.dataRoot()
	}
	root, err := os.OpenRoot(a.cfg.DataDir)
	if err != nil {
		return nil, err
	}
	if !isOwned(a.cfg.DataDir) || ownerIn(root).Socket != socket {
		return nil, errors.Join(fmt.Errorf("data directory %q: %w", a.cfg.DataDir, errMoved), root.Close())
	}
	return root, nil
}

func (a *attachedServer) dial(ctx context.Context) (net.Conn, error) {
	conn, err := a.connect(ctx)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	return conn, nil
}

// runTool runs a program whose connections go to the owner. As with connect, a server of ours that has ended by itself
// has a successor.
func (a *attachedServer) runTool(ctx context.Context, t Tool) (exitCode int, err error) {
	socket, own, err := a.state()
	if err == nil && own != nil && own.gone() != nil {
		if err = a.takeOver(ctx, socket, own); err == nil {
			_, own, err = a.state()
		}
	}
	if err != nil {
		return 0, fmt.Errorf("run %s: %w", t.Name, err)
	}
	if own != nil {
		return own.runTool(ctx, t)
	}
	t.Dial = a.connect
	return RunTool(ctx, a.cfg, t)
}

func (a *attachedServer) close() error { return a.end((*ownServer).close) }

func (a *attachedServer) closeImmediately() error { return a.end((*ownServer).closeImmediately) }

func (a *attachedServer) release(ctx context.Context) error {
	return a.end(func(own *ownServer) error { return own.release(ctx) })
}
