package repl

import (
	"context"
	"errors"
	"strings"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/pglite-toolbox/pglite/repl/format"
	"github.com/pglite-toolbox/pglite/repl/lex"
)

// Target is where \c connects to. What is "" stays as it is, or is what it is by default without Reuse.
type Target struct {
	Database, User, Host, Port string
	// String is a connection string or URI. It replaces the others.
	String string
	// Reuse takes the parameters that are not given from the connection before.
	Reuse bool
}

// connectionCommands are those about the connection.
func connectionCommands() []command {
	return []command{
		{
			names: "c connect", usage: `\c [DATABASE [USER [HOST [PORT]]]]`,
			about: "connect to another database or server; a connection string may stand for all of it",
			args:  5, takes: names("databases", "roles"), run: connectCommand,
		},
		{names: "conninfo", usage: `\conninfo`, about: "describe the connection", run: conninfoCommand},
		{
			names: "encoding", usage: `\encoding [NAME]`, about: "show or set the client's encoding",
			args: 1, takes: names("encodings"), run: encodingCommand,
		},
		{
			names: "password", usage: `\password [USER]`, about: "change a password",
			args: 1, takes: names("roles"), run: passwordCommand,
		},
	}
}

// connectCommand is \c [-reuse-previous=on|off] [DATABASE [USER [HOST [PORT]]]] or the same with CONNECTION-STRING.
func connectCommand(ctx context.Context, r *scriptRun, c *call) error {
	t, err := parseTarget(c.given)
	if err != nil {
		return r.wrong(err.Error())
	}
	if r.Connect == nil {
		return r.wrong(`\connect: not supported here`)
	}
	host, port := r.Host, r.Port
	if err := r.Connect(ctx, r.Session, t); err != nil {
		return r.notConnected(strings.TrimRight(err.Error(), "\n"))
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

// parseTarget reads the arguments of \c.
func parseTarget(args []lex.Argument) (t Target, err error) {
	reuse, given := "", false
	if len(args) > 0 {
		if reuse, given = strings.CutPrefix(args[0].Text, "-reuse-previous="); given {
			args = args[1:]
		}
	}
	places := []*string{&t.Database, &t.User, &t.Host, &t.Port}
	for i, arg := range args[:min(len(args), len(places))] {
		if text := lex.Unquote(arg.Text); text != "-" {
			*places[i] = text
		}
	}
	if first := t.Database; strings.Contains(first, "=") || strings.HasPrefix(first, "postgres://") || strings.HasPrefix(first, "postgresql://") {
		if t.User != "" || t.Host != "" || t.Port != "" {
			return t, errors.New("Do not give user, host, or port separately when using a connection string") //nolint:staticcheck // psql's words
		}
		t = Target{String: first}
	}
	t.Reuse = t.String == ""
	if given {
		var ok bool
		if t.Reuse, ok = format.ParseBool(reuse); !ok {
			return t, format.NotBool("-reuse-previous", reuse)
		}
	}
	return t, nil
}

// notConnected tells why \c failed. Who types keeps the connection. A script loses it, so that what comes next is not
// done in a database that it is not for.
func (r *scriptRun) notConnected(why string) error {
	if r.interactive() {
		return r.wrong(why + "\nPrevious connection kept")
	}
	_ = r.wrong(`\connect: ` + why)
	_ = r.Conn.Close()
	r.unusable = &ConnectionError{Err: errors.New(why), Shown: true}
	return r.unusable
}

// Adopt gives the session another connection.
func (s *Session) Adopt(c Connection) {
	s.Connection, s.arraysKnown = c.complete(), false
	s.lastError, s.next, s.pipe, s.recorded = (*pgproto3.ErrorResponse)(nil), nil, nil, nil
}
