//go:build unix

package cmd

import (
	"bufio"
	"bytes"
	"context"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// served is a pglite serve of its own process.
type served struct {
	t      *testing.T
	cmd    *exec.Cmd
	stdout *bufio.Reader
	socket string // its directory
	data   string

	mu   sync.Mutex
	log  bytes.Buffer
	news chan struct{} // something was logged
	done chan struct{} // it has ended
}

// Write takes the standard error.
func (s *served) Write(b []byte) (int, error) {
	s.mu.Lock()
	s.log.Write(b)
	s.mu.Unlock()
	select {
	case s.news <- struct{}{}:
	default:
	}
	return len(b), nil
}

func (s *served) said() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.log.String()
}

// waitForLog waits until the log has the text.
func (s *served) waitForLog(text string) {
	s.t.Helper()
	timeout := time.After(patience)
	for !strings.Contains(s.said(), text) {
		select {
		case <-s.news:
		case <-s.done:
			if !strings.Contains(s.said(), text) {
				s.t.Fatalf("ended without saying %q:\n%s", text, s.said())
			}
		case <-timeout:
			s.t.Fatalf("does not say %q:\n%s", text, s.said())
		}
	}
}

// serveCluster starts a server and waits until it is ready.
func serveCluster(t *testing.T, data string, args ...string) *served {
	t.Helper()
	return startServed(t, nil, data, args...)
}

// serveShowing is serveCluster with the server's log, which a command hides.
func serveShowing(t *testing.T, data string, args ...string) *served {
	t.Helper()
	return startServed(t, []string{"-v"}, data, args...)
}

func startServed(t *testing.T, global []string, data string, args ...string) *served {
	t.Helper()
	s := &served{t: t, data: data, socket: t.TempDir(), news: make(chan struct{}, 1), done: make(chan struct{})}
	s.cmd = exec.Command("pglite", slices.Concat(global, []string{"-D", data, "serve", "--socket-dir", s.socket}, args)...)
	s.start()
	s.waitForLog("ready")
	return s
}

func (s *served) start() {
	s.t.Helper()
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	s.stdout = bufio.NewReader(out)
	s.cmd.Stderr = s
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	go func() {
		_ = s.cmd.Wait()
		close(s.done)
	}()
	s.t.Cleanup(func() {
		_ = s.cmd.Process.Kill()
		<-s.done
	})
}

func (s *served) signal(sig os.Signal) {
	s.t.Helper()
	if err := s.cmd.Process.Signal(sig); err != nil {
		s.t.Fatal(err)
	}
}

// stop sends a signal and returns the exit code.
func (s *served) stop(sig os.Signal) int {
	s.t.Helper()
	s.signal(sig)
	select {
	case <-s.done:
	case <-time.After(patience):
		s.t.Fatalf("does not end:\n%s", s.said())
	}
	return s.cmd.ProcessState.ExitCode()
}

// left lists what is in the socket directory.
func (s *served) left() string {
	entries, err := os.ReadDir(s.socket)
	if err != nil {
		s.t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return strings.Join(names, " ")
}

func (s *served) connect() *pgx.Conn {
	s.t.Helper()
	conn, err := pgx.Connect(context.Background(), "host="+s.socket+" user=postgres dbname=postgres")
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

func show(t *testing.T, conn *pgx.Conn, sql string) (value string) {
	t.Helper()
	if err := conn.QueryRow(context.Background(), sql).Scan(&value); err != nil {
		t.Fatal(err)
	}
	return value
}

func matches(pattern, text string) bool { return regexp.MustCompile(pattern).MatchString(text) }
