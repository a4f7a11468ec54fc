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
)

// reception is where the owner of a data directory lets other processes of its user in. A visitor says the greeting, is answered when
// it has been let in, and speaks PostgreSQL's protocol from then on.
type reception struct {
	db       *DB
	listener *net.UnixListener
	ctx      context.Context
	cut      context.CancelFunc
	serving  sync.WaitGroup

	mu       sync.Mutex
	sessions map[*activity]struct{}
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
func newReception(db *DB, dataDir string) (*reception, error) {
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
	r := &reception{db: db, listener: l, sessions: map[*activity]struct{}{}}
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
			conn, err := r.listener.Accept()
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

// receive runs the session of one visitor.
func (r *reception) receive(conn net.Conn) {
	defer conn.Close()
	var said [len(greeting)]byte
	_ = conn.SetDeadline(time.Now().Add(greetingPatience))
	if _, err := io.ReadFull(conn, said[:]); err != nil || said != greeting {
		return
	}
	a := &activity{}
	if !r.enter(a) {
		return
	}
	defer r.leave(a)
	if _, err := conn.Write([]byte{welcome}); err != nil || conn.SetDeadline(time.Time{}) != nil {
		return
	}
	if err := r.db.serveConn(r.ctx, conn, a); err != nil {
		fmt.Fprintf(r.db.log, "pglite: attached session: %v\n", err)
	}
}

func (r *reception) enter(a *activity) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return false
	}
	r.sessions[a] = struct{}{}
	return true
}

func (r *reception) leave(a *activity) {
	r.mu.Lock()
	delete(r.sessions, a)
	r.mu.Unlock()
}

// stop lets nobody in any more and removes the socket. Safe for nil, and more than once.
func (r *reception) stop() {
	if r == nil {
		return
	}
	r.mu.Lock()
	r.closed = true
	r.mu.Unlock()
	_ = r.listener.Close()
}

// idle reports whether no visitor has anything open.
func (r *reception) idle() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for a := range r.sessions {
		if !a.idle() {
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
