package server_test

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/engine/enginetest"
	"github.com/pglite-toolbox/pglite/engine/server"
)

func TestListenErrors(t *testing.T) {
	file := filepath.Join(t.TempDir(), ".s.PGSQL.5432")
	if err := os.WriteFile(file, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name string
		cfg  server.Config
		want string
	}{
		{"nowhere", server.Config{}, "nowhere to listen"},
		{"no directory", server.Config{SocketDir: "/nonexistent"}, "/nonexistent"},
		{"path too long", server.Config{SocketDir: "/tmp/" + strings.Repeat("x", 200)}, "choose a shorter socket directory"},
		{"a file", server.Config{SocketDir: filepath.Dir(file)}, "which is no socket"},
		{"no port", server.Config{TCP: "localhost:"}, "the port must be"},
		{"a name as port", server.Config{TCP: "localhost:postgres"}, "the port must be"},
		{"port too large", server.Config{TCP: "65536"}, "the port must be"},
		{"negative port", server.Config{TCP: "-1"}, "the port must be"},
		{"bare IPv6", server.Config{TCP: "::1:5432"}, "in brackets"},
		{"not our address", server.Config{TCP: "203.0.113.1:0"}, "203.0.113.1"},
		{"half a certificate", server.Config{TCP: "0", CertFile: "x"}, "both a certificate and a key"},
		{"TLS without certificate", server.Config{TCP: "0", RequireTLS: true}, "without a certificate"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, err := server.Listen(test.cfg)
			if err == nil {
				_ = s.Close()
				t.Fatal("no error")
			}
			if !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %q, want %q in it", err, test.want)
			}
		})
	}
	if b, err := os.ReadFile(file); err != nil || string(b) != "precious" {
		t.Errorf("the file in the socket's place: %q, %v", b, err)
	}
}

// stale leaves a socket as a killed server does.
func stale(t *testing.T, dir string) {
	t.Helper()
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: filepath.Join(dir, ".s.PGSQL.5432"), Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	l.SetUnlinkOnClose(false)
	_ = l.Close()
	if err := os.WriteFile(filepath.Join(dir, ".s.PGSQL.5432.lock"), []byte("1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestOneOfManyTakesStaleSocket(t *testing.T) {
	dir := t.TempDir()
	stale(t, dir)
	var mu sync.Mutex
	var servers []*server.Server
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			s, err := server.Listen(server.Config{SocketDir: dir})
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				servers = append(servers, s)
			case !strings.Contains(err.Error(), "another server listens there"):
				t.Error(err)
			}
		})
	}
	all.Wait()
	if len(servers) != 1 {
		t.Errorf("%d servers have the socket", len(servers))
	}
	for _, s := range servers {
		info, err := os.Stat(filepath.Join(dir, ".s.PGSQL.5432"))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("mode of the socket: %v, %v", info, err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// A server that does not know our lock file has the socket.
func TestForeignServerKeepsItsSocket(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, ".s.PGSQL.5432")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if s, err := server.Listen(server.Config{SocketDir: dir}); err == nil {
		_ = s.Close()
		t.Fatal("took the socket of another server")
	}
	conn, err := net.Dial("unix", path)
	if err != nil {
		t.Fatalf("the other server's socket is gone: %v", err)
	}
	_ = conn.Close()
	if _, err := os.Stat(path + ".lock"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a lock file is left: %v", err)
	}
}

func TestTrust(t *testing.T) {
	db := enginetest.Open(t, engine.Config{})
	conn := enginetest.Connect(t, db)
	start := func(insecure bool) error {
		s, err := server.Start(context.Background(), db, server.Config{TCP: "*:0", Insecure: insecure})
		if err == nil {
			err = s.Close()
		}
		return err
	}
	for _, test := range []struct {
		rule               string
		trusting, insecure bool
	}{
		{"host all all 0.0.0.0/0 scram-sha-256", false, false},
		{"host all all 127.0.0.1/32 trust", false, false},
		{"host all all ::1/128 trust", false, false},
		{"host all all samehost trust", false, false},
		{"host all all samenet trust", true, false},
		{"host all all all trust", true, false},
		{"hostnossl all all 192.168.0.0/16 trust", true, false},
		{"host all all all trust", false, true},
	} {
		enginetest.Exec(t, conn, "copy (select unnest(array['local all all trust', '"+test.rule+"'])) to '/pgdata/pg_hba.conf'")
		err := start(test.insecure)
		if errors.Is(err, server.ErrTrusting) != test.trusting || err != nil && !test.trusting {
			t.Errorf("%s, insecure %t: got %v, want refused %t", test.rule, test.insecure, err, test.trusting)
		}
	}
	// Where we may not read the rules, the door is tried.
	enginetest.Exec(t, conn, "copy (select unnest(array['local all all scram-sha-256', 'host all all 192.168.0.0/16 trust'])) to '/pgdata/pg_hba.conf'")
	if err := db.Reload(); err != nil {
		t.Fatal(err)
	}
	waitFor(t, conn, "select pg_conf_load_time() > pg_postmaster_start_time()")
	if err := start(false); !errors.Is(err, server.ErrTrusting) {
		t.Errorf("without the right to read the rules: got %v, want refused", err)
	}
	loaded := enginetest.Get[time.Time](t, conn, "select pg_conf_load_time()")
	enginetest.Exec(t, conn, "copy (select 'local all all trust') to '/pgdata/pg_hba.conf'") // for the verification
	if err := db.Reload(); err != nil {
		t.Fatal(err)
	}
	waitFor(t, conn, "select pg_conf_load_time() > $1", loaded)
}

func TestActivatedNone(t *testing.T) {
	t.Setenv("LISTEN_PID", "1")
	t.Setenv("LISTEN_FDS", "1")
	l, err := server.Activated()
	if err != nil || len(l) != 0 {
		t.Errorf("sockets of another process: %v, %v", l, err)
	}
	if os.Getenv("LISTEN_FDS") != "" {
		t.Error("LISTEN_FDS stays for children")
	}
}

func TestNotifyServiceManager(t *testing.T) {
	path := filepath.Join(t.TempDir(), "notify")
	l, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Skipf("no datagram sockets here: %v", err)
	}
	defer l.Close()
	t.Setenv("NOTIFY_SOCKET", path)
	if err := server.Notify(server.Ready, "STATUS=fine"); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 100)
	n, err := l.Read(b)
	if err != nil || string(b[:n]) != "READY=1\nSTATUS=fine" {
		t.Errorf("got %q, %v", b[:n], err)
	}
	t.Setenv("NOTIFY_SOCKET", "")
	if err := server.Notify(server.Ready); err != nil {
		t.Error(err)
	}
}
