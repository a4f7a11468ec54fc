package repl

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5/pgproto3"
)

// Target is where \c connects to. What is "" stays as it is.
type Target struct {
	Database, User, Host, Port string
	// String is a connection string or URI, in place of the others.
	String string
}

// connectCommand is \c [DATABASE [USER [HOST [PORT]]]] or \c CONNECTION-STRING.
func connectCommand(ctx context.Context, r *scriptRun, c *call) error {
	var t Target
	places := []*string{&t.Database, &t.User, &t.Host, &t.Port}
	for i := range min(len(c.args), len(places)) {
		if text := unquote(c.arg(i)); text != "-" {
			*places[i] = text
		}
	}
	if first := t.Database; strings.Contains(first, "=") || strings.HasPrefix(first, "postgres://") || strings.HasPrefix(first, "postgresql://") {
		if t.User != "" || t.Host != "" || t.Port != "" {
			return r.wrong("Do not give user, host, or port separately when using a connection string")
		}
		t = Target{String: first}
	}
	if r.Connect == nil {
		return r.wrong(`\connect: not supported here`)
	}
	host, port := r.Host, r.Port
	if err := r.Connect(ctx, r.Session, t); err != nil {
		text := strings.TrimRight(err.Error(), "\n")
		if r.interactive() {
			text += "\nPrevious connection kept"
		}
		return r.wrong(text)
	}
	r.tx, r.unusable = 'I', nil
	r.describeConnection()
	where := ""
	switch {
	case r.Host == host && r.Port == port || r.Host == "":
	case strings.HasPrefix(r.Host, "/"):
		where = ` via socket in "` + r.Host + `" at port "` + r.Port + `"`
	default:
		where = ` on host "` + r.Host + `" at port "` + r.Port + `"`
	}
	return r.say(`You are now connected to database "%s" as user "%s"%s.`, r.Database, r.User, where)
}

// addTransport tells how the server is reached.
func (r *scriptRun) addTransport(add func(name, value string)) {
	switch {
	case r.Host == "":
		add("Transport", "in process, or the private socket of the cluster's owner")
		return
	case strings.HasPrefix(r.Host, "/"):
		add("Socket Directory", r.Host)
	default:
		add("Host", r.Host)
	}
	add("Server Port", r.Port)
}

// Adopt gives the session another connection.
func (s *Session) Adopt(other *Session) {
	s.Conn, s.Frontend, s.Cancel, s.Status = other.Conn, other.Frontend, other.Cancel, other.Status
	s.Database, s.User, s.PID, s.Host, s.Port = other.Database, other.User, other.PID, other.Host, other.Port
	s.lastError, s.next, s.pipe = (*pgproto3.ErrorResponse)(nil), nil, nil
}
