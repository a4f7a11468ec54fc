package pgtest

import (
	"bytes"
	"strings"
	"sync"
)

// logPrefix begins each line of the server's log with the database's name.
const logPrefix = "%d|%m [%p] "

// mostLog bounds what is kept of a database's log: its end counts.
const mostLog = 64 << 10

// databaseLogs keeps the server's log apart by databases. It implements [io.Writer], and is safe for concurrent use.
type databaseLogs struct {
	mu   sync.Mutex
	part []byte
	last string
	logs map[string][]byte
}

// Write implements [io.Writer].
func (l *databaseLogs) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.part = append(l.part, b...)
	for {
		line, rest, found := bytes.Cut(l.part, []byte("\n"))
		if !found {
			return len(b), nil
		}
		l.add(string(line))
		l.part = rest
	}
}

// add keeps a line. One that begins with a tabulator goes on with the line before.
func (l *databaseLogs) add(line string) {
	if !strings.HasPrefix(line, "\t") {
		database, rest, found := strings.Cut(line, "|")
		if !found || database == "" {
			l.last = ""
			return // of the server as a whole
		}
		l.last, line = database, rest
	}
	if l.last == "" {
		return
	}
	if l.logs == nil {
		l.logs = map[string][]byte{}
	}
	log := append(append(l.logs[l.last], line...), '\n')
	if extra := len(log) - mostLog; extra > 0 {
		log = append([]byte(nil), log[extra:]...)
	}
	l.logs[l.last] = log
}

// take returns the log of a database, and forgets it.
func (l *databaseLogs) take(database string) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	log := l.logs[database]
	delete(l.logs, database)
	return string(log)
}
