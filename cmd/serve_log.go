package cmd

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"time"
)

// serveLog is where the server and serve itself write to.
type serveLog struct {
	server io.Writer    // what the server writes to its standard error
	own    *slog.Logger // what serve has to say
	prefix string       // the log_line_prefix that server understands; empty when it takes any
}

// newServeLog returns the log in a format. A quiet one has no server and says only what is wrong.
func newServeLog(format string, w io.Writer, quiet bool) (serveLog, error) {
	w = &lockedWriter{w: w}
	level := slog.LevelInfo
	if quiet {
		level = slog.LevelWarn
	}
	l, err := formatLog(format, w, level)
	if quiet {
		l.server = nil
	}
	return l, err
}

func formatLog(format string, w io.Writer, level slog.Level) (serveLog, error) {
	switch format {
	case "text":
		return serveLog{server: w, own: slog.New(&textHandler{w: w, level: level})}, nil
	case "json":
		own := slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.MessageKey {
				a.Key = "message"
			}
			return a
		}})
		return serveLog{server: jsonLog{w}, own: slog.New(own), prefix: jsonPrefix}, nil
	}
	return serveLog{}, &usageError{"serve", fmt.Sprintf("--log-format %q: want text or json", format)}
}

// notices lets what is told on the way to a running server be JSON too.
func (l serveLog) notices(cfg *clusterConfig) {
	if l.prefix == "" {
		return
	}
	cfg.Notice = func(text string) { l.own.Info(text) }
	if cfg.Progress != nil {
		cfg.Progress = cfg.Notice
	}
}

// report logs serve's error as JSON in place of its being printed, unless it is one of the command line.
func (l serveLog) report(err *error) {
	code, message := explain(*err)
	if l.prefix == "" || code == exitOK || errors.As(*err, new(*usageError)) {
		return
	}
	if message != "" {
		l.own.Error(message)
	}
	*err = exitStatus(code)
}

// lockedWriter keeps messages whole.
type lockedWriter struct {
	mu sync.Mutex
	w  io.Writer
}

func (l *lockedWriter) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(b)
}

// textHandler writes messages the way the other commands do.
type textHandler struct {
	w     io.Writer
	level slog.Level
	attrs []slog.Attr
}

func (h *textHandler) Enabled(_ context.Context, l slog.Level) bool { return l >= h.level }

func (h *textHandler) Handle(_ context.Context, r slog.Record) error {
	b := []byte("pglite: ")
	if r.Level >= slog.LevelWarn {
		b = fmt.Appendf(b, "%s: ", strings.ToLower(r.Level.String()))
	}
	b = append(b, r.Message...)
	add := func(a slog.Attr) bool {
		if list, ok := a.Value.Any().([]string); ok {
			a.Value = slog.StringValue(strings.Join(list, " "))
		}
		if text := a.Value.String(); text != "" {
			b = fmt.Appendf(b, ", %s %s", a.Key, text)
		}
		return true
	}
	for _, a := range h.attrs {
		add(a)
	}
	r.Attrs(add)
	_, err := h.w.Write(append(b, '\n'))
	return err
}

func (h *textHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &textHandler{h.w, h.level, append(h.attrs[:len(h.attrs):len(h.attrs)], attrs...)}
}

func (h *textHandler) WithGroup(string) slog.Handler { return h }

// jsonPrefix begins each line of the server's log: time, process, its type, SQLSTATE. Nothing in it comes from a client
// (https://www.postgresql.org/docs/18/runtime-config-logging.html#GUC-LOG-LINE-PREFIX).
const jsonPrefix = "%n\t%p\t%b\t%e\t"

// logRecord is a message of the server.
type logRecord struct {
	Time      time.Time `json:"time"`
	Level     string    `json:"level"`
	PID       int       `json:"pid,omitempty"`
	Backend   string    `json:"backend,omitempty"`
	SQLState  string    `json:"sqlstate,omitempty"`
	Message   string    `json:"message"`
	Detail    string    `json:"detail,omitempty"`
	Hint      string    `json:"hint,omitempty"`
	Query     string    `json:"query,omitempty"`
	Context   string    `json:"context,omitempty"`
	Location  string    `json:"location,omitempty"`
	Backtrace string    `json:"backtrace,omitempty"`
	Statement string    `json:"statement,omitempty"`
}

// jsonLog turns the server's log into JSON, an object a line. The server writes each message at once.
type jsonLog struct{ w io.Writer }

func (l jsonLog) Write(b []byte) (int, error) {
	text := strings.ReplaceAll(strings.TrimRight(string(b), "\n"), "\n\t", "\x00") // a line of a message that goes on
	var records []*logRecord
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.ReplaceAll(line, "\x00", "\n")
		r, field, value := parseLogLine(line)
		if part := r.part(field); part != nil && len(records) > 0 && records[len(records)-1].PID == r.PID {
			*records[len(records)-1].part(field) = value
			continue
		}
		r.Level, r.Message = field, value
		records = append(records, r)
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	for _, r := range records {
		if err := encoder.Encode(r); err != nil {
			return 0, err
		}
	}
	if _, err := l.w.Write(out.Bytes()); err != nil {
		return 0, err
	}
	return len(b), nil
}

// part returns where a further line of a message belongs, nil when field begins a message.
func (r *logRecord) part(field string) *string {
	switch field {
	case "DETAIL":
		return &r.Detail
	case "HINT":
		return &r.Hint
	case "QUERY":
		return &r.Query
	case "CONTEXT":
		return &r.Context
	case "LOCATION":
		return &r.Location
	case "BACKTRACE":
		return &r.Backtrace
	case "STATEMENT":
		return &r.Statement
	}
	return nil
}

// parseLogLine reads a line; one that has not the server's form is a message of level LOG.
func parseLogLine(line string) (r *logRecord, field, value string) {
	r = &logRecord{Time: time.Now()}
	parts := strings.SplitN(line, "\t", 5)
	if len(parts) == 5 {
		seconds, err := strconv.ParseFloat(parts[0], 64)
		pid, e := strconv.Atoi(parts[1])
		field, value, ok := strings.Cut(parts[4], ":  ")
		if err == nil && e == nil && ok {
			r.Time, r.PID, r.Backend = time.UnixMilli(int64(seconds*1000+0.5)).UTC(), pid, parts[2]
			if parts[3] != "00000" {
				r.SQLState = parts[3]
			}
			return r, field, value
		}
	}
	return r, "LOG", line
}
