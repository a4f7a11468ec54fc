package localsocket

import (
	"context"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func echo(_ context.Context, client net.Conn) error {
	_, err := io.Copy(client, client)
	return err
}

// TestListener: a client gets through, and Close ends its session and leaves nothing.
func TestListener(t *testing.T) { //nolint:paralleltest // of the environment
	t.Setenv("XDG_RUNTIME_DIR", shortDir(t))
	l, err := Listen(echo)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(l.Dir())
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the directory: %v, %v", info, err)
	}
	conn, err := net.Dial("unix", filepath.Join(l.Dir(), socket))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte("x")); err != nil {
		t.Error(err)
	}
	if _, err := io.ReadFull(conn, make([]byte, 1)); err != nil {
		t.Error(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- l.Close() }()
	if n, err := conn.Read(make([]byte, 1)); err == nil {
		t.Errorf("read %d bytes after Close", n)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if err := l.Close(); err != nil {
		t.Errorf("closed twice: %v", err)
	}
	if _, err := os.Stat(l.Dir()); !os.IsNotExist(err) {
		t.Errorf("the directory is left: %v", err)
	}
}

// TestClear: what a killed program has left goes, and what another one uses stays.
func TestClear(t *testing.T) { //nolint:paralleltest // of the environment
	t.Setenv("XDG_RUNTIME_DIR", shortDir(t))
	used, err := Listen(echo)
	if err != nil {
		t.Fatal(err)
	}
	defer used.Close()
	left := filepath.Join(filepath.Dir(used.Dir()), prefix+"1")
	if err := os.Mkdir(left, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(left, lockName), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	unlocked := filepath.Join(filepath.Dir(used.Dir()), prefix+"2") // its program was killed before it made the lock
	if err := os.Mkdir(unlocked, 0o700); err != nil {
		t.Fatal(err)
	}
	second, err := Listen(echo)
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	for _, dir := range []string{left, unlocked} {
		if _, err := os.Stat(dir); !os.IsNotExist(err) {
			t.Errorf("the left directory %s: %v", dir, err)
		}
	}
	if _, err := os.Stat(filepath.Join(used.Dir(), socket)); err != nil {
		t.Errorf("the one in use: %v", err)
	}
}

// TestListenTogether opens sockets at the same time, each of which clears away what it takes for left.
func TestListenTogether(t *testing.T) { //nolint:paralleltest // of the environment
	t.Setenv("XDG_RUNTIME_DIR", shortDir(t))
	var opening sync.WaitGroup
	for range 8 {
		opening.Go(func() {
			for range 20 {
				l, err := Listen(echo)
				if err != nil {
					t.Error(err)
					return
				}
				if !strings.HasPrefix(l.Dir(), os.Getenv("XDG_RUNTIME_DIR")) {
					t.Errorf("the socket is in %s", l.Dir())
				}
				if conn, err := net.Dial("unix", filepath.Join(l.Dir(), socket)); err != nil {
					t.Error(err)
				} else {
					_ = conn.Close()
				}
				_ = l.Close()
			}
		})
	}
	opening.Wait()
}

// shortDir returns a private directory with a short name, as sockets need.
func shortDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "ls")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// TestURI: names that mean something in a URI are quoted.
func TestURI(t *testing.T) {
	t.Parallel()
	l := &Listener{dir: "/run/a b"}
	const want = "postgres:///x%2Fy%3Fz?host=%2Frun%2Fa%20b&sslmode=disable&user=me%26"
	if got := l.URI("me&", "x/y?z"); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
