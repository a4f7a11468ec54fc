package server

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// socketMode lets only the user connect: a cluster made by pglite trusts whoever can reach its socket.
const socketMode = 0o600

// socketPath is where libpq looks for the server (https://www.postgresql.org/docs/18/runtime-config-connection.html).
func socketPath(dir string, port int) string {
	return filepath.Join(dir, socketPrefix+strconv.Itoa(port))
}

const socketPrefix = ".s.PGSQL."

// listenUnix makes the socket in dir. It replaces the socket that a killed server left, and none
// that a server listens at.
func listenUnix(dir string, port int) (*listener, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("socket directory: %w", err)
	}
	path := socketPath(dir, port)
	if len(path) > longestSocketPath {
		return nil, fmt.Errorf("socket path %q has %d bytes, the system allows %d: choose a shorter socket directory",
			path, len(path), longestSocketPath)
	}
	lock, err := lockSocket(path)
	if err != nil {
		return nil, err
	}
	l, err := bindUnix(path, func() error { return lock.describe(dir, port) })
	if err != nil {
		return nil, errors.Join(fmt.Errorf("listen on socket %q: %w", path, err), lock.release())
	}
	return &listener{Listener: l, remove: lock.release, handshakes: newHandshakes()}, nil
}

// bindUnix binds and listens; the lock of the path is held. It calls claim when it knows that no other
// server listens there.
func bindUnix(path string, claim func() error) (net.Listener, error) {
	stale, err := isStale(path)
	if err != nil {
		return nil, err
	}
	if err := claim(); err != nil {
		return nil, err
	}
	if stale {
		if err := os.Remove(path); err != nil {
			return nil, err
		}
	}
	config := net.ListenConfig{Control: func(_, _ string, c syscall.RawConn) error { return restrict(c, socketMode) }}
	l, err := config.Listen(context.Background(), "unix", path)
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(path, socketMode); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

// answerPatience limits the time that a listening server takes to accept.
const answerPatience = time.Second

// isStale reports whether there is a socket without a listener. A socket with one is an error, and so is another file.
func isStale(path string) (bool, error) {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if info.Mode()&fs.ModeSocket == 0 && !socketsAreIrregular {
		return false, errors.New("there is a file of that name which is no socket: remove it or choose another " +
			"socket directory")
	}
	conn, err := net.DialTimeout("unix", path, answerPatience)
	if err == nil {
		_ = conn.Close()
		return false, errInUse
	}
	if !errors.Is(err, errRefused) {
		return false, fmt.Errorf("see whether a server uses the socket: %w", err)
	}
	return true, nil
}

var errInUse = errors.New("another server listens there: stop it or choose another socket directory")
