package wire

import (
	"errors"
	"net"
	"testing"
)

// listening is a Watcher that fails when it is told to.
type listening struct {
	heard   string
	failing error
}

func (l *listening) Add(conn uint32, d Direction, b []byte) error {
	l.heard += string(rune('0'+conn)) + string(rune(d)) + string(b) + " "
	return l.failing
}

func (l *listening) End(conn uint32) error {
	l.heard += string(rune('0'+conn)) + ". "
	return nil
}

// TestConn: watchers hear of both directions and once of the end, and one that fails ends the connection's use.
func TestConn(t *testing.T) {
	t.Parallel()
	ours, theirs := net.Pipe()
	w := &listening{}
	c := &Conn{Conn: ours, Number: 3, Reads: FromServer, Writes: FromClient, Watch: []Watcher{w}}
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
	w.failing = errors.New("full")
	if n, err := c.Write([]byte("x")); n != 0 || !errors.Is(err, w.failing) {
		t.Errorf("written: %d, %v", n, err)
	}
	_, _ = c.Close(), c.Close()
	if want := "3>hi 3<to 3>x 3. "; w.heard != want {
		t.Errorf("heard %q, want %q", w.heard, want)
	}
}
