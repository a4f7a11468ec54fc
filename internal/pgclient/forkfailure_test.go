package pgclient

import (
	"context"
	"errors"
	"io"
	"net"
	"testing"
	"testing/iotest"

	"github.com/jackc/pgx/v5/pgconn"
)

// spoken is a connection whose server has said something and closed it.
type spoken struct {
	net.Conn
	io.Reader
}

func (s spoken) Read(b []byte) (int, error) { return s.Reader.Read(b) }

func TestForkFailure(t *testing.T) {
	t.Parallel()
	const text = "could not fork new process for connection: Cannot allocate memory"
	for name, said := range map[string]string{"whole": "E" + text + "\n\x00", "cut": "E" + text} {
		t.Run(name, func(t *testing.T) {
			near, far := net.Pipe()
			go func() {
				_, _ = far.Read(make([]byte, 1<<10)) // all of the startup packet
				_, _ = io.WriteString(far, said)
				_ = far.Close()
			}()
			_, err := pgconn.ConnectConfig(t.Context(), Own(func(context.Context) (net.Conn, error) { return near, nil }, Login{User: "u", Database: "d"}))
			var refused *pgconn.PgError
			if !errors.As(err, &refused) || refused.Message != text || refused.Code != insufficientResources {
				t.Errorf("got %v", err)
			}
		})
	}
}

// TestAnswersPass: what is no such text comes through, in whatever pieces.
func TestAnswersPass(t *testing.T) {
	t.Parallel()
	for _, said := range []string{"", "E", "E\x00\x00", "N", "R\x00\x00\x00\x08\x00\x00\x00\x00", "E\x00\x00\x00\x05\x00", "E\x00\x00\x75\x30rest"} {
		for name, pieces := range map[string]func(io.Reader) io.Reader{
			"bytes": iotest.OneByteReader, "all": func(r io.Reader) io.Reader { return r }, "end": iotest.DataErrReader,
		} {
			server, client := net.Pipe()
			go func() {
				_, _ = io.WriteString(server, said)
				_ = server.Close()
			}()
			got, err := io.ReadAll(&answered{Conn: spoken{client, pieces(client)}})
			if string(got) != said || err != nil {
				t.Errorf("%q, %s: got %q, %v", said, name, got, err)
			}
		}
	}
}
