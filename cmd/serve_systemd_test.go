//go:build unix

package cmd

import (
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// A service manager has opened the sockets, starts us at the first connection, and is told when we are ready.
func TestServeActivated(t *testing.T) {
	t.Parallel()
	needRuntime(t)
	data := freshCluster(t, filepath.Join(t.TempDir(), "data"))
	dir := t.TempDir()
	path := filepath.Join(dir, ".s.PGSQL.5432")
	unix, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close()
	tcp, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer tcp.Close()
	notify := filepath.Join(dir, "notify")
	manager, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: notify, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer manager.Close()
	s := &served{t: t, data: data, socket: dir, news: make(chan struct{}, 1), done: make(chan struct{})}
	s.cmd = exec.Command("sh", "-c", `LISTEN_PID=$$ LISTEN_FDS=2 exec pglite -D "$0" serve`, data)
	s.cmd.Env = append(os.Environ(), "NOTIFY_SOCKET="+notify)
	for _, l := range []interface{ File() (*os.File, error) }{unix, tcp.(*net.TCPListener)} {
		f, err := l.File()
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		s.cmd.ExtraFiles = append(s.cmd.ExtraFiles, f)
	}
	early := make(chan error, 1)
	go func() { // it waits in the socket until somebody serves
		conn, err := pgx.Connect(context.Background(), "host="+dir+" user=postgres")
		if err == nil {
			err = conn.Close(context.Background())
		}
		early <- err
	}()
	s.start()
	state := func(want string) {
		t.Helper()
		_ = manager.SetReadDeadline(time.Now().Add(patience))
		b := make([]byte, 1000)
		n, err := manager.Read(b)
		if err != nil || !strings.Contains(string(b[:n]), want) {
			t.Fatalf("the manager was told %q, %v, want %q:\n%s", b[:n], err, want, s.said())
		}
	}
	state("READY=1")
	if err := <-early; err != nil {
		t.Error(err)
	}
	conn, err := pgx.Connect(context.Background(), "postgresql://postgres@"+tcp.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	_ = conn.Close(context.Background())
	s.signal(syscall.SIGHUP)
	state("RELOADING=1")
	state("READY=1")
	if code := s.stop(syscall.SIGTERM); code != exitOK {
		t.Errorf("exit code %d:\n%s", code, s.said())
	}
	state("STOPPING=1")
	if _, err := os.Stat(path); err != nil {
		t.Errorf("the manager's socket: %v", err)
	}
}

// TestActivatedForAnother: sockets of another process are not ours, and no child takes them for its own.
func TestActivatedForAnother(t *testing.T) {
	t.Setenv("LISTEN_PID", "1")
	t.Setenv("LISTEN_FDS", "1")
	l, err := activatedListeners()
	if err != nil || len(l) != 0 {
		t.Errorf("sockets of another process: %v, %v", l, err)
	}
	if os.Getenv("LISTEN_FDS") != "" {
		t.Error("LISTEN_FDS stays for children")
	}
}

// TestActivatedByNonsense: a number of sockets that is none is an error, and not a start without them.
func TestActivatedByNonsense(t *testing.T) {
	t.Setenv("LISTEN_PID", strconv.Itoa(os.Getpid()))
	for _, count := range []string{"", "x", "-1"} {
		t.Setenv("LISTEN_FDS", count)
		if _, err := activatedListeners(); err == nil || !strings.Contains(err.Error(), "is not a number of sockets") {
			t.Errorf("LISTEN_FDS=%q: got %v", count, err)
		}
	}
}

// TestNotifyManager: a manager that cannot be reached is an error, none is not.
func TestNotifyManager(t *testing.T) {
	path := filepath.Join(t.TempDir(), "notify")
	l, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("NOTIFY_SOCKET", path)
	if err := notifyManager("READY=1"); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 100)
	n, err := l.Read(b)
	if err != nil || string(b[:n]) != "READY=1" {
		t.Errorf("got %q, %v", b[:n], err)
	}
	_ = l.Close()
	if err := notifyManager("READY=1"); err == nil || !strings.Contains(err.Error(), "service manager") {
		t.Errorf("a manager that is gone: %v", err)
	}
	t.Setenv("NOTIFY_SOCKET", "")
	if err := notifyManager("READY=1"); err != nil {
		t.Error(err)
	}
}
