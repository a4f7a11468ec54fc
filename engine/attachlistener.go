package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"sync"
	"time"

	"github.com/pglite-toolbox/pglite/engine/internal/readahead"
	"github.com/pglite-toolbox/pglite/engine/internal/relay"
	"github.com/pglite-toolbox/pglite/internal/accepting"
)

// attachListener accepts connections of this user's other processes to the owner of a data directory. Such a process
// sends the handshake's request, gets its answer when it is admitted, and speaks PostgreSQL's protocol from then on.
type attachListener struct {
	server   *ownServer
	lock     *dirLock
	listener *net.UnixListener
	ctx      context.Context
	cut      context.CancelFunc
	serving  sync.WaitGroup

	mu       sync.Mutex
	sessions map[*relay.Activity]struct{}
	closed   bool
}

// The request has the form of a startup packet of a protocol version that does not exist; the answer is one byte.
var handshakeRequest = [8]byte{0, 0, 0, 8, 'p', 'g', 'l', '1'}

const (
	handshakeAccepted  = 'W'
	handshakePatience  = 5 * time.Second
	releasePause       = 25 * time.Millisecond
	privateSocketMode  = 0o600
	socketNameAttempts = 3
)

// newAttachListener opens the socket. Connections wait until serve.
func newAttachListener(s *ownServer, dataDir string) (*attachListener, error) {
	path, err := privateSocket(dataDir)
	if err != nil {
		return nil, err
	}
	var l *net.UnixListener
	for attempt := range socketNameAttempts {
		name := path
		if attempt > 0 {
			name = fmt.Sprintf("%s-%d-%d", path, os.Getpid(), attempt)
		}
		if l, err = listenPrivate(name); err == nil {
			break
		}
	}
	if err != nil {
		return nil, fmt.Errorf("listen for other processes at %q: %w", path, err)
	}
	a := &attachListener{server: s, lock: s.guest.lock, listener: l, sessions: map[*relay.Activity]struct{}{}}
	a.ctx, a.cut = context.WithCancel(context.Background())
	return a, nil
}

// listenPrivate listens at path, instead of a socket that a killed process has left.
func listenPrivate(path string) (*net.UnixListener, error) {
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		conn, err := net.DialTimeout("unix", path, time.Second)
		if err == nil {
			_ = conn.Close()
			return nil, errors.New("another process listens there")
		}
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		return nil, err
	}
	return l, os.Chmod(path, privateSocketMode)
}

// path returns where other processes connect, "" for a nil listener.
func (l *attachListener) path() string {
	if l == nil {
		return ""
	}
	return l.listener.Addr().String()
}

// serve accepts connections until stop.
func (l *attachListener) serve() {
	l.serving.Go(func() {
		accepting.Each(l.ctx, l.listener.AcceptUnix, func(error) {}, func(conn *net.UnixConn) {
			l.serving.Go(func() { l.serveSession(conn) })
		})
	})
}

// serveSession runs the session of one connection. The session begins with the first byte after the handshake: many
// only ask whether there is an owner.
func (l *attachListener) serveSession(conn *net.UnixConn) {
	defer conn.Close()
	defer context.AfterFunc(l.ctx, func() { _ = conn.Close() })()
	var said [len(handshakeRequest)]byte
	_ = conn.SetDeadline(time.Now().Add(handshakePatience))
	if _, err := io.ReadFull(conn, said[:]); err != nil || said != handshakeRequest {
		return
	}
	a := relay.NewActivity()
	if !l.admit(a) {
		return
	}
	defer l.forget(a)
	if _, err := conn.Write([]byte{handshakeAccepted}); err != nil || conn.SetDeadline(time.Time{}) != nil {
		return
	}
	first := make([]byte, firstBytes)
	n, err := conn.Read(first)
	if err != nil {
		return
	}
	if err := l.server.serveConn(l.ctx, readahead.New(conn, first[:n]), a); err != nil {
		fmt.Fprintf(l.server.log, "pglite: attached session: %v\n", err)
	}
}

// firstBytes is how many of the first bytes are read before there is a session.
const firstBytes = 512

func (l *attachListener) admit(a *relay.Activity) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return false
	}
	l.sessions[a] = struct{}{}
	return true
}

func (l *attachListener) forget(a *relay.Activity) {
	l.mu.Lock()
	delete(l.sessions, a)
	l.mu.Unlock()
}

// stop admits no further process, says so in the lock's file, and removes the socket. Safe for nil, and more than once.
func (l *attachListener) stop() {
	if l == nil {
		return
	}
	l.mu.Lock()
	before := l.closed
	l.closed = true
	l.mu.Unlock()
	if !before {
		_ = l.lock.describe(func(o *owner) { o.Ending = true }) // else newcomers only wait less long
	}
	_ = l.listener.Close()
}

// AttachedSessions counts the sessions of other processes that are attached to the server which this one runs.
func (db *DB) AttachedSessions() int {
	own, err := db.server.own()
	if err != nil || own.attach == nil {
		return 0
	}
	own.attach.mu.Lock()
	defer own.attach.mu.Unlock()
	return len(own.attach.sessions)
}

// idle reports whether every attached session has been idle for long enough.
func (l *attachListener) idle(enough time.Duration) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for a := range l.sessions {
		if !a.Idle(enough) {
			return false
		}
	}
	return true
}

// end disconnects the attached sessions that are left.
func (l *attachListener) end() {
	if l == nil {
		return
	}
	l.stop()
	l.cut()
	l.serving.Wait()
}
