package pgclient

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"
)

// Session is a connection past the handshake and all that belongs to it.
type Session struct {
	*pgconn.HijackedConn
	PasswordUsed bool   // the server asked for a password
	Password     string // that was given or typed, not that of the environment, which may be another for the next connection

	dial Dial
}

// ErrNoPassword says that the server wants a password, and that there is none and nobody to ask. The words are libpq's.
var ErrNoPassword = errors.New("fe_sendauth: no password supplied")

// Options say what happens during the handshake.
type Options struct {
	Notice func(*pgconn.Notice)     // is called with each notice of the server; may be nil
	Ask    Asker                    // asks for the password when the server wants one and there is none; nil asks nobody
	Getenv func(name string) string // the environment; nil is that of the Go program
	// Wrap returns the connection that messages go over instead of one that was made. TLS is below it. Nil leaves it as
	// it is.
	Wrap func(net.Conn) net.Conn
}

// OpenOwn opens a session on pglite's own cluster, which begins with the Parameters of the environment and, over them,
// those given. Every authentication method that pgconn knows works.
func OpenOwn(ctx context.Context, dial Dial, login Login, parameters map[string]string, o Options) (*Session, error) {
	o.Getenv = login.getenv
	config := Own(dial, login)
	s, err := open(ctx, config, parameters, o)
	if err != nil {
		return nil, err
	}
	s.dial, s.Password = dial, cmp.Or(s.Password, login.Password)
	return s, nil
}

// OpenRemote opens a session on another server; the environment's variables and the files of libpq fill in what the
// settings do not say.
func OpenRemote(ctx context.Context, settings Keywords, o Options) (*Session, error) {
	config, err := Remote(settings)
	if err != nil {
		return nil, err
	}
	s, err := open(ctx, config, config.RuntimeParams, o)
	if err != nil {
		return nil, err
	}
	address := s.Conn.RemoteAddr()
	s.dial = func(ctx context.Context) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, address.Network(), address.String())
	}
	s.Password = cmp.Or(s.Password, settings["password"])
	return s, nil
}

// sqlASCII is the encoding of databases that hold bytes of which the server knows no meaning. They are taken and
// printed as they are: with another client encoding the server would refuse those that are not in it.
const sqlASCII = "SQL_ASCII"

// open does the handshake and takes the connection over.
func open(ctx context.Context, config *pgconn.Config, parameters map[string]string, o Options) (*Session, error) {
	config.RuntimeParams = Parameters(environment(o.Getenv))
	for name, value := range parameters {
		config.RuntimeParams[name] = value
	}
	if o.Notice != nil {
		config.OnNotice = func(_ *pgconn.PgConn, n *pgconn.Notice) { o.Notice(n) }
	}
	if o.Wrap != nil {
		config.AfterNetConnect = func(_ context.Context, _ *pgconn.Config, c net.Conn) (net.Conn, error) { return o.Wrap(c), nil }
	}
	wanted, typed := false, ""
	config.BuildFrontend = func(r io.Reader, w io.Writer) *pgproto3.Frontend {
		return pgproto3.NewFrontend(&authenticationWatch{Reader: r, password: &wanted}, w)
	}
	conn, err := pgconn.ConnectConfig(ctx, config)
	if err != nil && wanted && config.Password == "" && o.Ask != nil {
		if typed, err = o.Ask(ctx, fmt.Sprintf("Password for user %s: ", config.User)); err != nil {
			return nil, err
		}
		config.Password = typed
		conn, err = pgconn.ConnectConfig(ctx, config)
	}
	if err != nil && wanted && config.Password == "" {
		return nil, ErrNoPassword
	}
	if as := prepared(config.Password); refusedPassword(err) && as != config.Password {
		config.Password = as
		conn, err = pgconn.ConnectConfig(ctx, config)
	}
	if err != nil {
		return nil, err
	}
	_, chosen := parameters["client_encoding"]
	if !chosen && environment(o.Getenv)("PGCLIENTENCODING") == "" && conn.ParameterStatus("server_encoding") == sqlASCII {
		if _, err := conn.Exec(ctx, "SET client_encoding TO "+sqlASCII).ReadAll(); err != nil {
			return nil, fmt.Errorf("set the client encoding: %w", err)
		}
	}
	hijacked, err := Hijack(ctx, conn)
	if err != nil {
		return nil, err
	}
	return &Session{HijackedConn: hijacked, PasswordUsed: wanted, Password: typed}, nil
}

// Hijack takes a connection over, on which nothing is under way then.
func Hijack(ctx context.Context, conn *pgconn.PgConn) (*pgconn.HijackedConn, error) {
	err := conn.SyncConn(ctx)
	if err == nil {
		var hijacked *pgconn.HijackedConn
		if hijacked, err = conn.Hijack(); err == nil {
			return hijacked, nil
		}
	}
	return nil, fmt.Errorf("take over the connection: %w", err)
}

// authenticationWatch notes whether the server's first message wants a password
// (https://www.postgresql.org/docs/18/protocol-message-formats.html).
type authenticationWatch struct {
	io.Reader
	password *bool
	first    []byte
}

func (a *authenticationWatch) Read(b []byte) (int, error) {
	n, err := a.Reader.Read(b)
	const header = 9 // 'R', the length and what is wanted
	if missing := header - len(a.first); missing > 0 {
		a.first = append(a.first, b[:min(n, missing)]...)
		if len(a.first) == header && a.first[0] == 'R' {
			switch binary.BigEndian.Uint32(a.first[5:]) {
			case pgproto3.AuthTypeCleartextPassword, pgproto3.AuthTypeMD5Password, pgproto3.AuthTypeSASL:
				*a.password = true
			}
		}
	}
	return n, err
}

// Cancel asks the server to cancel the running statement
// (https://www.postgresql.org/docs/18/protocol-flow.html#PROTOCOL-FLOW-CANCELING-REQUESTS).
func (s *Session) Cancel(ctx context.Context) error {
	conn, err := s.dial(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	if deadline, ok := ctx.Deadline(); ok {
		_ = conn.SetDeadline(deadline)
	}
	request, err := (&pgproto3.CancelRequest{ProcessID: s.PID, SecretKey: s.SecretKey}).Encode(nil)
	if err != nil {
		return err
	}
	if _, err := conn.Write(request); err != nil {
		return err
	}
	_, _ = io.Copy(io.Discard, conn) // the server closes when it has passed the request on
	return nil
}

// Close ends the session.
func (s *Session) Close() {
	// Not through Frontend: a goroutine may still be sending data of a COPY that was given up.
	if goodbye, err := (&pgproto3.Terminate{}).Encode(nil); err == nil {
		_ = s.Conn.SetWriteDeadline(time.Now().Add(time.Second))
		_, _ = s.Conn.Write(goodbye)
	}
	_ = s.Conn.Close()
}
