// Package localsocket listens on a Unix-domain socket of PostgreSQL's name in a directory that only this user can
// enter, so that any driver can connect to a server inside this program.
package localsocket

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/pglite-toolbox/pglite/internal/accepting"
	"github.com/pglite-toolbox/pglite/internal/cachedir"
	"github.com/pglite-toolbox/pglite/internal/filelock"
)

const (
	prefix   = "url-"
	lockName = "lock"
	socket   = ".s.PGSQL.5432"
	// longestDir leaves room for the names below it in the shortest sun_path that there is, of 103 bytes.
	longestDir = 103 - len("/"+prefix+"4294967295/"+socket)
)

// Listener accepts connections until Close. Its methods are safe for concurrent use.
type Listener struct {
	dir      string
	lock     *os.File // held as long as the directory is used
	listener *net.UnixListener
	ctx      context.Context
	cut      context.CancelFunc
	serving  sync.WaitGroup
	once     sync.Once
}

// Listen opens a socket. serve runs the session of a connection and closes it; its ctx ends with Close.
func Listen(serve func(ctx context.Context, client net.Conn) error) (*Listener, error) {
	var failed []error
	for _, parent := range cachedir.Env(nil).Sockets(longestDir) {
		l, err := listenBeside(parent)
		if err == nil {
			l.ctx, l.cut = context.WithCancel(context.Background())
			l.serving.Go(func() { l.accept(serve) })
			return l, nil
		}
		failed = append(failed, err)
	}
	return nil, fmt.Errorf("listen on a private socket: %w", errors.Join(failed...))
}

// listenBeside is listenBelow beside other programs, one of which may take a directory that is just made for one that
// was left, and clear it away.
func listenBeside(parent string) (l *Listener, err error) {
	for range 10 {
		l, err = listenBelow(parent)
		if !errors.Is(err, filelock.ErrBusy) && !errors.Is(err, fs.ErrNotExist) {
			break
		}
	}
	return l, err
}

// listenBelow makes a directory of its own, and removes those that killed programs have left.
func listenBelow(parent string) (_ *Listener, err error) {
	if err := cachedir.MakePrivate(parent); err != nil {
		return nil, err
	}
	clear(parent)
	l := &Listener{}
	if l.dir, err = os.MkdirTemp(parent, prefix); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			l.remove()
		}
	}()
	if l.lock, err = os.OpenFile(filepath.Join(l.dir, lockName), os.O_RDWR|os.O_CREATE, 0o600); err != nil {
		return nil, err
	}
	if err := filelock.TryLock(l.lock); errors.Is(err, filelock.ErrBusy) {
		return nil, err // somebody clears it away
	}
	if !filelock.IsOpenAs(l.lock, l.lock.Name()) {
		return nil, fs.ErrNotExist // somebody has cleared it away
	}
	l.listener, err = net.ListenUnix("unix", &net.UnixAddr{Name: filepath.Join(l.dir, socket), Net: "unix"})
	return l, err
}

// clear removes the directories whose programs are gone: their locks are free.
func clear(parent string) {
	entries, err := os.ReadDir(parent)
	if err != nil {
		return
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), prefix) || !e.IsDir() {
			continue
		}
		dir := filepath.Join(parent, e.Name())
		lock, err := os.OpenFile(filepath.Join(dir, lockName), os.O_RDWR, 0)
		if err != nil {
			_ = os.Remove(dir) // if it is empty: it was left before it had a lock, or its maker tries again
			continue
		}
		if filelock.TryLock(lock) == nil {
			(&Listener{dir: dir, lock: lock}).remove()
			continue
		}
		_ = lock.Close()
	}
}

// remove removes the directory.
func (l *Listener) remove() {
	_ = os.Remove(filepath.Join(l.dir, socket))
	if l.lock != nil {
		_ = os.Remove(l.lock.Name())
		_ = l.lock.Close()
		_ = os.Remove(l.lock.Name()) // Windows removes no open file
	}
	_ = os.Remove(l.dir)
}

func (l *Listener) accept(serve func(ctx context.Context, client net.Conn) error) {
	accepting.Each(l.ctx, l.listener.AcceptUnix, func(error) {}, func(conn *net.UnixConn) {
		l.serving.Go(func() {
			defer conn.Close()
			defer context.AfterFunc(l.ctx, func() { _ = conn.Close() })()
			_ = serve(l.ctx, conn) // the client sees how it ended
		})
	})
}

// URI returns the connection URI (https://www.postgresql.org/docs/18/libpq-connect.html#LIBPQ-CONNSTRING-URIS) of a
// database. Its user stands among the parameters, because many drivers know no user without a host.
func (l *Listener) URI(user, database string) string {
	parameters := url.Values{"host": {l.dir}, "user": {user}, "sslmode": {"disable"}}.Encode()
	return "postgres:///" + url.PathEscape(database) + "?" + strings.ReplaceAll(parameters, "+", "%20") // libpq knows no plus
}

// Dir returns the directory of the socket, which libpq calls the host.
func (l *Listener) Dir() string { return l.dir }

// Close ends the sessions and removes the socket. Idempotent.
func (l *Listener) Close() error {
	var err error
	l.once.Do(func() {
		err = l.listener.Close()
		l.cut()
		l.serving.Wait()
		l.remove()
	})
	return err
}
