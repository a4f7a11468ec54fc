package engine

import (
	"bytes"
	"context"
	"log/slog"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// logRecords makes records of the server's log lines. It implements [io.Writer], and is safe for concurrent use.
type logRecords struct {
	to *slog.Logger

	mu   sync.Mutex
	part []byte     // a line that has not ended
	last slog.Level // of the message before, whose level its DETAIL and HINT have
}

// severities are PostgreSQL's
// (https://www.postgresql.org/docs/18/runtime-config-logging.html#RUNTIME-CONFIG-SEVERITY-LEVELS).
var severities = map[string]slog.Level{
	"DEBUG1": slog.LevelDebug, "DEBUG2": slog.LevelDebug, "DEBUG3": slog.LevelDebug, "DEBUG4": slog.LevelDebug, "DEBUG5": slog.LevelDebug,
	"LOG": slog.LevelInfo, "INFO": slog.LevelInfo, "NOTICE": slog.LevelInfo, "WARNING": slog.LevelWarn,
	"ERROR": slog.LevelError, "FATAL": slog.LevelError, "PANIC": slog.LevelError,
}

// logLine matches a line with the default log_line_prefix, '%m [%p] ', or none.
var logLine = regexp.MustCompile(`^(?:\d{4}-\d\d-\d\d [0-9:.]+ \S+ \[(\d+)\] )?([A-Z][A-Z0-9]*):  ?(.*)$`)

// longestLogLine bounds what is kept of a line that does not end.
const longestLogLine = 1 << 20

// Write implements [io.Writer].
func (r *logRecords) Write(b []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.part = append(r.part, b...)
	for {
		line, rest, found := bytes.Cut(r.part, []byte("\n"))
		if !found {
			if len(r.part) > longestLogLine {
				r.record(string(r.part))
				r.part = nil
			}
			return len(b), nil
		}
		r.record(string(line))
		r.part = rest
	}
}

// record logs one line; mu is held.
func (r *logRecords) record(line string) {
	line = strings.TrimRight(line, "\r")
	m := logLine.FindStringSubmatch(line)
	if m == nil {
		level := r.last
		if strings.HasPrefix(line, "pglite: ") { // a remark of ours, such as one about a trap
			level = slog.LevelWarn
		}
		r.to.Log(context.Background(), level, strings.TrimPrefix(line, "\t"))
		return
	}
	var attributes []slog.Attr
	if pid, err := strconv.Atoi(m[1]); err == nil {
		attributes = append(attributes, slog.Int("pid", pid))
	}
	attributes = append(attributes, slog.String("severity", m[2]))
	if level, ok := severities[m[2]]; ok {
		r.last = level
	}
	r.to.LogAttrs(context.Background(), r.last, m[3], attributes...)
}
