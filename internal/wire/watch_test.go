package wire

import (
	"errors"
	"net"
	"testing"
)

// TestConn: watchers hear of both directions and once of the end, and one that fails ends the connection's use.
func TestConn(t *testing.T) {
	t.Parallel()
	ours, theirs := net.Pipe()
	var heard string
	failing := error(nil)
	c := &Conn{Conn: ours, Number: 3, Reads: FromServer, Writes: FromClient, Watch: []Watcher{func(conn uint32, d Direction, b []byte) error {
		heard += string(rune('0'+conn)) + string(rune(d)) + string(b) + " "
		return failing
	}}}
	go func() {
		b := make([]byte, 2)
		_, _ = theirs.Read(b)
		_, _ = theirs.Write([]byte("to"))
		_ = theirs.Close()
	}()
	if _, err := c.Write([]byte("hi")); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Read(make([]byte, 10)); err != nil {
		t.Fatal(err)
	}
	failing = errors.New("full")
	if n, err := c.Write([]byte("x")); n != 0 || !errors.Is(err, failing) {
		t.Errorf("written: %d, %v", n, err)
	}
	_, _ = c.Close(), c.Close()
	if want := "3>hi 3<to 3>x 3. "; heard != want {
		t.Errorf("heard %q, want %q", heard, want)
	}
}
