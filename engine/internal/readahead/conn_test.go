package readahead_test

import (
	"io"
	"net"
	"testing"
	"testing/iotest"

	"github.com/pglite-toolbox/pglite/engine/internal/readahead"
)

// TestConn reads what was read already, then the rest, and ends the writing direction.
func TestConn(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	client, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	accepted, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer accepted.Close()
	if _, err := client.Write([]byte("first and rest")); err != nil {
		t.Fatal(err)
	}
	_ = client.(*net.TCPConn).CloseWrite()
	read := make([]byte, len("first "))
	if _, err := io.ReadFull(accepted, read); err != nil {
		t.Fatal(err)
	}
	c := readahead.New(accepted, read)
	if got := string(c.First()); got != "first " {
		t.Errorf("first %q", got)
	}
	if got, err := io.ReadAll(iotest.OneByteReader(c)); err != nil || string(got) != "first and rest" {
		t.Errorf("read %q, %v", got, err)
	}
	if len(c.First()) > 0 {
		t.Errorf("%q is left", c.First())
	}
	if err := c.CloseWrite(); err != nil {
		t.Error(err)
	}
	if got, err := io.ReadAll(client); err != nil || len(got) > 0 {
		t.Errorf("the client read %q, %v, want the end", got, err)
	}
}
