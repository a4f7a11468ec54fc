package engine

import (
	"bytes"
	"io"
	"sync"
)

// logTail passes a log on, and keeps its end for error messages unless it is shown to whoever is told of them. Safe for concurrent use.
type logTail struct {
	to    io.Writer // may be nil
	shown bool

	mu   sync.Mutex
	tail []byte
}

const tailSize = 4 << 10

// ownSocketNotice is in the line that names the guest's socket, which nobody outside can find. Whoever listens for others says where.
var ownSocketNotice = []byte(`listening on Unix socket "` + guestSockets + `/.s.PGSQL.`)

// Write implements io.Writer. An error of the reader of the log does not stop the server.
func (l *logTail) Write(b []byte) (int, error) {
	if bytes.Contains(b, ownSocketNotice) && bytes.Count(b, []byte("\n")) == 1 {
		return len(b), nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.to != nil {
		_, _ = l.to.Write(b)
	}
	if l.shown {
		return len(b), nil
	}
	l.tail = append(l.tail, b...)
	if extra := len(l.tail) - tailSize; extra > 0 {
		l.tail = append(l.tail[:0], l.tail[extra:]...)
	}
	return len(b), nil
}

func (l *logTail) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return string(l.tail)
}
