//go:build unix

package relay

import (
	"net"
	"path/filepath"
	"testing"

	"github.com/pglite-toolbox/pglite/engine/internal/readahead"
)

// sealed is a connection with a way to write of its own.
type sealed struct{ *net.UnixConn }

func (sealed) Write(b []byte) (int, error) { return len(b), nil }

// counted has a Close of its own only.
type counted struct{ *net.UnixConn }

func (c counted) PlainSocket() *net.UnixConn { return c.UnixConn }

// TestDirectWriter: sockets are written to directly, what wraps one by its own Write.
func TestDirectWriter(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("unix", filepath.Join(t.TempDir(), "s"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	conn, err := net.Dial("unix", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	socket := conn.(*net.UnixConn)
	for _, test := range []struct {
		conn net.Conn
		want bool
	}{
		{socket, true},
		{readahead.New(socket, []byte("x")), true},
		{counted{socket}, true},
		{sealed{socket}, false},
		{&sealed{socket}, false},
		{readahead.New(sealed{socket}, nil), false},
	} {
		if got := directWriter(test.conn) != nil; got != test.want {
			t.Errorf("%T: direct %t, want %t", test.conn, got, test.want)
		}
	}
}
