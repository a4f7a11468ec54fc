//go:build unix

package cmd

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
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
	timeout := time.After(time.Minute)
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
	s := &served{t: t, data: data, socket: t.TempDir(), news: make(chan struct{}, 1), done: make(chan struct{})}
	s.cmd = exec.Command("pglite", append([]string{"-D", data, "serve", "--socket-dir", s.socket}, args...)...)
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

// stop sends signals and returns the exit code.
func (s *served) stop(signals ...os.Signal) int {
	s.t.Helper()
	for _, sig := range signals {
		if err := s.cmd.Process.Signal(sig); err != nil {
			s.t.Fatal(err)
		}
	}
	select {
	case <-s.done:
	case <-time.After(time.Minute):
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

func TestServeEndsWithClientsAttached(t *testing.T) {
	needRuntime(t)
	data := freshCluster(t, filepath.Join(t.TempDir(), "data"))
	for _, sig := range []os.Signal{syscall.SIGTERM, os.Interrupt} {
		s := serveCluster(t, data)
		busy, idle := s.connect(), s.connect()
		ended := make(chan error, 1)
		go func() {
			_, err := busy.Exec(context.Background(), "select pg_sleep(600)")
			ended <- err
		}()
		show(t, idle, "select 'idle'")
		if code := s.stop(sig); code != exitOK {
			t.Errorf("%v: exit code %d:\n%s", sig, code, s.said())
		}
		if err := <-ended; err == nil || !strings.Contains(err.Error(), "57P01") {
			t.Errorf("%v: the client was told %v, want SQLSTATE 57P01", sig, err)
		}
		if left := s.left(); left != "" {
			t.Errorf("%v: left behind: %s", sig, left)
		}
		if !strings.Contains(s.said(), "database system is shut down") {
			t.Errorf("%v: not shut down:\n%s", sig, s.said())
		}
	}
}

func TestServeSecondSignalIsImmediate(t *testing.T) {
	needRuntime(t)
	data := freshCluster(t, filepath.Join(t.TempDir(), "data"))
	s := serveCluster(t, data)
	conn := s.connect()
	if _, err := conn.Exec(context.Background(), "create table kept as select generate_series(1, 100000) i"); err != nil {
		t.Fatal(err)
	}
	code := s.stop(syscall.SIGTERM, syscall.SIGTERM)
	if code != exitOK && code != exitFailure {
		t.Errorf("exit code %d", code)
	}
	if left := s.left(); left != "" {
		t.Errorf("left behind: %s", left)
	}
	if n := show(t, serveCluster(t, data).connect(), "select count(*)::text from kept"); n != "100000" {
		t.Errorf("%s rows after the restart", n)
	}
}

func TestServeAfterKill(t *testing.T) {
	needRuntime(t)
	data := freshCluster(t, filepath.Join(t.TempDir(), "data"))
	s := serveCluster(t, data)
	if _, err := s.connect().Exec(context.Background(), "create table kept as select 1 i"); err != nil {
		t.Fatal(err)
	}
	s.stop(os.Kill)
	if s.left() == "" {
		t.Fatal("a killed server has cleaned up: this tests nothing")
	}
	again := &served{t: t, data: data, socket: s.socket, news: make(chan struct{}, 1), done: make(chan struct{})}
	again.cmd = exec.Command("pglite", "-D", data, "serve", "--socket-dir", s.socket)
	again.start()
	again.waitForLog("ready")
	if n := show(t, again.connect(), "select i::text from kept"); n != "1" {
		t.Errorf("got %s", n)
	}
}

func TestServeReload(t *testing.T) {
	needRuntime(t)
	data := freshCluster(t, filepath.Join(t.TempDir(), "data"))
	s := serveCluster(t, data)
	conf, err := os.OpenFile(filepath.Join(data, "postgresql.conf"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conf.WriteString("work_mem = '12345kB'\n"); err != nil || conf.Close() != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	s.waitForLog(`parameter "work_mem" changed`)
}

func TestServeOtherCommandsAttach(t *testing.T) {
	needRuntime(t)
	data := freshCluster(t, filepath.Join(t.TempDir(), "data"))
	s := serveCluster(t, data)
	served := show(t, s.connect(), "select pg_postmaster_start_time()::text")
	for _, args := range [][]string{
		{"exec", "-At", "select pg_postmaster_start_time()"},
		{"tool", "psql", "-Atc", "select pg_postmaster_start_time()"},
	} {
		code, stdout, stderr := pglite(t, append([]string{"-D", data}, args...)...)
		if code != exitOK || strings.TrimSpace(stdout) != served || stderr != "" {
			t.Errorf("%v: %d, %q, %q, want %q", args, code, stdout, stderr, served)
		}
	}
	wantRefusal(t, `is in use by pglite process \d+`, "-D", data, "--no-attach", "exec", "select 1")
	wantRefusal(t, `is in use by pglite process \d+`, "-D", data, "serve", "--socket-dir", t.TempDir())
	wantRefusal(t, `takes no server parameters`, "-D", data, "--set", "work_mem=1MB", "exec", "select 1")
	wantRefusal(t, `another server listens there`, "-D", "memory:", "serve", "--socket-dir", s.socket)
}

func TestServeCommand(t *testing.T) {
	needRuntime(t)
	data := freshCluster(t, filepath.Join(t.TempDir(), "data"))
	for _, test := range []struct {
		args   []string
		script string
		code   int
		stdout string
	}{
		{nil, `echo "$PGUSER $PGDATABASE"; exit 7`, 7, "postgres postgres\n"},
		{nil, `test -S "$PGHOST/.s.PGSQL.$PGPORT" && echo socket`, 0, "socket\n"},
		{[]string{"--tcp", "0"}, `case $DATABASE_URL in postgresql://postgres@127.0.0.1:$PGPORT/postgres) echo tcp;; esac`, 0, "tcp\n"},
		{nil, `kill -TERM $$`, 128 + int(syscall.SIGTERM), ""},
		{nil, `cat`, 0, ""},
	} {
		args := append(append([]string{"-D", data, "serve"}, test.args...), "--", "sh", "-c", test.script)
		code, stdout, stderr := pglite(t, args...)
		if code != test.code || stdout != test.stdout {
			t.Errorf("%s: %d, %q, want %d, %q\n%s", test.script, code, stdout, test.code, test.stdout, stderr)
		}
	}
	if code, _, stderr := pglite(t, "-D", data, "serve", "--", "no-such-program"); code != exitFailure || !strings.Contains(stderr, "no-such-program") {
		t.Errorf("no such program: %d, %s", code, stderr)
	}
}

// A command that is told to end ends the server, with its own exit code.
func TestServePassesSignals(t *testing.T) {
	needRuntime(t)
	data := freshCluster(t, filepath.Join(t.TempDir(), "data"))
	s := serveCluster(t, data, "--", "sh", "-c", `trap 'exit 9' TERM; echo up; while :; do sleep 0.1; done`)
	if line, err := s.stdout.ReadString('\n'); err != nil || line != "up\n" {
		t.Fatalf("%q, %v", line, err)
	}
	if code := s.stop(syscall.SIGTERM); code != 9 {
		t.Errorf("exit code %d, want 9:\n%s", code, s.said())
	}
	if left := s.left(); left != "" {
		t.Errorf("left behind: %s", left)
	}
}

func TestServePrintsURI(t *testing.T) {
	needRuntime(t)
	data := freshCluster(t, filepath.Join(t.TempDir(), "data"))
	s := serveCluster(t, data, "--tcp", "0", "--print-uri")
	for range 2 {
		line, err := s.stdout.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		conn, err := pgx.Connect(context.Background(), strings.TrimSpace(line))
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		_ = conn.Close(context.Background())
	}
}

func TestServeLogsJSON(t *testing.T) {
	needRuntime(t)
	data := freshCluster(t, filepath.Join(t.TempDir(), "data"))
	s := serveCluster(t, data, "--log-format", "json")
	_, _ = s.connect().Exec(context.Background(), "select 1\n/0")
	s.waitForLog("division by zero")
	s.stop(syscall.SIGTERM)
	var found bool
	for line := range strings.Lines(s.said()) {
		var r logRecord
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Errorf("%q: %v", line, err)
		}
		if r.Message == "division by zero" {
			found = r.Level == "ERROR" && r.SQLState == "22012" && r.Statement == "select 1\n/0" && r.PID != 0 && time.Since(r.Time) < time.Hour
			if !found {
				t.Errorf("got %+v", r)
			}
		}
	}
	if !found {
		t.Error("no record of the error")
	}
}

func TestServeRefusals(t *testing.T) {
	needRuntime(t)
	data := freshCluster(t, filepath.Join(t.TempDir(), "data"))
	if err := os.WriteFile(filepath.Join(data, "pg_hba.conf"), []byte("local all all trust\nhost all all all trust\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ want, args string }{
		{`\n?pglite: TCP address .*trusts clients from other machines`, "--tcp *:0 --socket-dir " + t.TempDir()},
		{`the port must be a number`, "--tcp nonsense"},
		{`want text or json`, "--log-format yaml"},
		{`both a certificate and a key`, "--tcp 0 --tls-cert x"},
		{`unknown option --nonsense`, "--nonsense"},
		{`want a number of sessions`, "--max-connections many"},
	} {
		code, stdout, stderr := pglite(t, append([]string{"-D", data, "serve"}, strings.Fields(test.args)...)...)
		if code != exitFailure || stdout != "" || !matches(test.want, stderr) {
			t.Errorf("%s: %d, %q, %q", test.args, code, stdout, stderr)
		}
	}
}

// A service manager has opened the sockets, starts us at the first connection, and is told when we are ready.
func TestServeActivated(t *testing.T) {
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
		_ = manager.SetReadDeadline(time.Now().Add(time.Minute))
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
	if err := s.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
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

func TestParseLog(t *testing.T) {
	for _, test := range []struct{ in, want string }{
		{
			"1700000000.123\t77\tclient backend\t42601\tERROR:  syntax\n\terror\n1700000000.123\t77\tclient backend\t42601\tSTATEMENT:  selec\n\t1\n",
			`{"time":"2023-11-14T22:13:20.123Z","level":"ERROR","pid":77,"backend":"client backend","sqlstate":"42601","message":"syntax\nerror","statement":"selec\n1"}` + "\n",
		},
		{
			"1700000000.123\t77\tcheckpointer\t00000\tLOG:  one\n1700000000.124\t78\tstartup\t00000\tLOG:  two\n",
			`{"time":"2023-11-14T22:13:20.123Z","level":"LOG","pid":77,"backend":"checkpointer","message":"one"}` + "\n" +
				`{"time":"2023-11-14T22:13:20.124Z","level":"LOG","pid":78,"backend":"startup","message":"two"}` + "\n",
		},
	} {
		var out bytes.Buffer
		if n, err := (jsonLog{&out}).Write([]byte(test.in)); n != len(test.in) || err != nil {
			t.Errorf("wrote %d, %v", n, err)
		}
		if out.String() != test.want {
			t.Errorf("got  %s\nwant %s", out.String(), test.want)
		}
	}
	var out bytes.Buffer
	if _, err := (jsonLog{&out}).Write([]byte("free text\twith \"quotes\"\n")); err != nil {
		t.Fatal(err)
	}
	var r logRecord
	if err := json.Unmarshal(out.Bytes(), &r); err != nil || r.Message != "free text\twith \"quotes\"" || r.Level != "LOG" {
		t.Errorf("got %+v, %v", r, err)
	}
	if _, err := (jsonLog{brokenWriter{}}).Write([]byte("x\n")); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("got %v", err)
	}
}

func matches(pattern, text string) bool { return regexp.MustCompile(pattern).MatchString(text) }
