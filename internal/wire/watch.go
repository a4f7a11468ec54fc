package wire

import (
	"net"
	"sync"
)

// Watcher sees what goes over connections, which have numbers.
type Watcher interface {
	// Add takes bytes of one direction. Its error ends the connection's use.
	Add(conn uint32, d Direction, b []byte) error
	// End reports the end of a connection.
	End(conn uint32) error
}

// WatchError tells that a watcher has failed: the connection itself may be as good as ever.
type WatchError struct{ Err error }

func (e *WatchError) Error() string { return "show the bytes: " + e.Err.Error() }

// Unwrap returns the watcher's error.
func (e *WatchError) Unwrap() error { return e.Err }

// Conn is a connection that is watched.
type Conn struct {
	net.Conn
	Number        uint32
	Reads, Writes Direction // what it means to read and to write
	Watch         []Watcher

	mu    sync.Mutex // watchers hear of one thing at a time
	ended bool
}

// Read implements net.Conn.
func (w *Conn) Read(b []byte) (int, error) {
	n, err := w.Conn.Read(b)
	if e := w.show(w.Reads, b[:n]); e != nil {
		return n, e
	}
	return n, err // as it is: pgconn looks at it
}

// Write implements net.Conn. The watchers are told first: an answer must not be shown before its question.
func (w *Conn) Write(b []byte) (int, error) {
	if err := w.show(w.Writes, b); err != nil {
		return 0, err
	}
	return w.Conn.Write(b)
}

// CloseWrite ends the writing direction of a connection that has two.
func (w *Conn) CloseWrite() error {
	if c, ok := w.Conn.(interface{ CloseWrite() error }); ok {
		return c.CloseWrite()
	}
	return nil
}

// NetConn returns the connection itself: the server asks it about its TLS.
func (w *Conn) NetConn() net.Conn { return w.Conn }

// Close implements net.Conn.
func (w *Conn) Close() error {
	err := w.Conn.Close()
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ended {
		return err
	}
	w.ended = true
	for _, watcher := range w.Watch {
		_ = watcher.End(w.Number)
	}
	return err
}

func (w *Conn) show(d Direction, b []byte) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(b) == 0 || w.ended {
		return nil
	}
	for _, watcher := range w.Watch {
		if err := watcher.Add(w.Number, d, b); err != nil {
			return &WatchError{err}
		}
	}
	return nil
}
