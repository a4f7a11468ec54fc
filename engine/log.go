package engine

import (
	"bytes"
	"io"
	"sync"
)

// logTail passes a log on, and keeps its end for error messages unless it is shown to whoever is told of them. Safe for
// concurrent use.
type logTail struct {
	to    io.Writer // may be nil
	shown bool

	mu     sync.Mutex
	tail   []byte
	hidden []byte // the end of the one line that is not passed on; nil for none
}

const tailSize = 4 << 10

// log returns where the server's log goes, nil for nowhere.
func (c *Config) log() io.Writer {
	switch {
	case c.Logger == nil:
		return c.Log
	case c.Log == nil:
		return &logRecords{to: c.Logger}
	}
	return io.MultiWriter(&logRecords{to: c.Logger}, c.Log)
}

// hide keeps the next line that ends with text from the log; "" passes every line on.
func (l *logTail) hide(text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.hidden = nil
	if text != "" {
		l.hidden = []byte(text + "\n")
	}
}

// hides reports whether b is the line that is kept from the log; mu is held.
func (l *logTail) hides(b []byte) bool {
	if l.hidden == nil || !bytes.HasSuffix(b, l.hidden) || bytes.Count(b, []byte("\n")) != 1 {
		return false
	}
	l.hidden = nil
	return true
}

// Write implements io.Writer. An error of the reader of the log does not stop the server.
func (l *logTail) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.hides(b) {
		return len(b), nil
	}
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
