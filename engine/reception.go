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
)

// reception is where the owner of a data directory lets other processes of its user in. A visitor says the greeting, is answered when
// it has been let in, and speaks PostgreSQL's protocol from then on.
type reception struct {
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

// The greeting has the form of a startup packet with a protocol version that there is not; the answer is one byte.
var greeting = [8]byte{0, 0, 0, 8, 'p', 'g', 'l', '1'}

const (
	welcome            = 'W'
	greetingPatience   = 5 * time.Second
	releasePause       = 25 * time.Millisecond
	privateSocketMode  = 0o600
	socketNameAttempts = 3
)

// newReception opens the socket; visitors wait until serve.
func newReception(s *ownServer, dataDir string) (*reception, error) {
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
	r := &reception{server: s, lock: s.guest.lock, listener: l, sessions: map[*relay.Activity]struct{}{}}
	r.ctx, r.cut = context.WithCancel(context.Background())
	return r, nil
}

// listenPrivate listens at path, in place of a socket that a killed process has left.
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

// path returns where visitors connect, "" for a nil reception.
func (r *reception) path() string {
	if r == nil {
		return ""
	}
	return r.listener.Addr().String()
}

// serve lets visitors in until stop.
func (r *reception) serve() {
	r.serving.Go(func() {
		for {
			conn, err := r.listener.AcceptUnix()
			if errors.Is(err, net.ErrClosed) {
				return
			}
			if err != nil {
				time.Sleep(releasePause)
				continue
			}
			r.serving.Go(func() { r.receive(conn) })
		}
	})
}

// receive runs the session of one visitor. It begins when the visitor says something: many only want to know that we are here.
func (r *reception) receive(conn *net.UnixConn) {
	defer conn.Close()
	defer context.AfterFunc(r.ctx, func() { _ = conn.Close() })()
	var said [len(greeting)]byte
	_ = conn.SetDeadline(time.Now().Add(greetingPatience))
	if _, err := io.ReadFull(conn, said[:]); err != nil || said != greeting {
		return
	}
	a := relay.NewActivity()
	if !r.enter(a) {
		return
	}
	defer r.leave(a)
	if _, err := conn.Write([]byte{welcome}); err != nil || conn.SetDeadline(time.Time{}) != nil {
		return
	}
	first := make([]byte, firstBytes)
	n, err := conn.Read(first)
	if err != nil {
		return
	}
	if err := r.server.serveConn(r.ctx, readahead.New(conn, first[:n]), a); err != nil {
		fmt.Fprintf(r.server.log, "pglite: attached session: %v\n", err)
	}
}

// firstBytes is how much of what a visitor says at first is read before there is a session.
const firstBytes = 512

func (r *reception) enter(a *relay.Activity) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return false
	}
	r.sessions[a] = struct{}{}
	return true
}

func (r *reception) leave(a *relay.Activity) {
	r.mu.Lock()
	delete(r.sessions, a)
	r.mu.Unlock()
}

// stop lets nobody in any more, says so in the lock's file, and removes the socket. Safe for nil, and more than once.
func (r *reception) stop() {
	if r == nil {
		return
	}
	r.mu.Lock()
	before := r.closed
	r.closed = true
	r.mu.Unlock()
	if !before {
		_ = r.lock.describe(func(o *owner) { o.Ending = true }) // else newcomers only wait less long
	}
	_ = r.listener.Close()
}

// AttachedSessions counts the sessions of other processes that are attached to the server which this one runs.
func (db *DB) AttachedSessions() int {
	own, err := db.server.own()
	if err != nil || own.reception == nil {
		return 0
	}
	own.reception.mu.Lock()
	defer own.reception.mu.Unlock()
	return len(own.reception.sessions)
}

// idle reports whether no visitor has had anything open for long enough.
func (r *reception) idle(enough time.Duration) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for a := range r.sessions {
		if !a.Idle(enough) {
			return false
		}
	}
	return true
}

// end disconnects the visitors that are left.
func (r *reception) end() {
	if r == nil {
		return
	}
	r.stop()
	r.cut()
	r.serving.Wait()
}
