package server_test

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/pglite-toolbox/pglite/engine/server"
)

func TestListenErrors(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), ".s.PGSQL.5432")
	if err := os.WriteFile(file, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	absent := filepath.Join(t.TempDir(), "absent")
	secure, _ := tlsConfig(t)
	for _, test := range []struct {
		name string
		cfg  server.Config
		want string
	}{
		{"nowhere", server.Config{}, "nowhere to listen"},
		{"no directory", server.Config{SocketDir: absent}, absent},
		{"path too long", server.Config{SocketDir: "/tmp/" + strings.Repeat("x", 200)}, "choose a shorter socket directory"},
		{"a file", server.Config{SocketDir: filepath.Dir(file)}, map[bool]string{true: "listen on socket", false: "which is no socket"}[runtime.GOOS == "windows"]},
		{"no port", server.Config{TCP: "localhost:"}, "the port must be"},
		{"a name as port", server.Config{TCP: "localhost:postgres"}, "the port must be"},
		{"port too large", server.Config{TCP: "65536"}, "the port must be"},
		{"negative port", server.Config{TCP: "-1"}, "the port must be"},
		{"bare IPv6", server.Config{TCP: "::1:5432"}, "in brackets"},
		{"not our address", server.Config{TCP: "203.0.113.1:0"}, "203.0.113.1"},
		{"a certificate without TCP", server.Config{SocketDir: t.TempDir(), CertFile: secure.CertFile, KeyFile: secure.KeyFile}, "give a TCP address"},
		{"TLS without TCP", server.Config{SocketDir: t.TempDir(), RequireTLS: true}, "give a TCP address"},
		{"half a certificate", server.Config{TCP: "0", CertFile: "x"}, "both a certificate and a key"},
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

// An address of one family is not open to the other one.
func TestListenFamilies(t *testing.T) {
	t.Parallel()
	loopback := map[string]string{"tcp4": "127.0.0.1", "tcp6": "::1"}
	if l, err := net.Listen("tcp6", "[::1]:0"); err != nil {
		t.Skip("SKIPPED, NOTHING WAS TESTED: there is no IPv6 here")
	} else {
		_ = l.Close()
	}
	for host, open := range map[string]map[string]bool{
		"":         {"tcp4": true},
		"0.0.0.0:": {"tcp4": true},
		"[::]:":    {"tcp6": true},
		"*:":       {"tcp4": true, "tcp6": true},
	} {
		s, err := server.Listen(server.Config{TCP: host + "0"})
		if err != nil {
			t.Fatal(err)
		}
		a := s.Addresses()[0]
		for network, own := range loopback {
			conn, err := net.Dial(network, net.JoinHostPort(own, strconv.Itoa(a.Port)))
			if err == nil {
				_ = conn.Close()
			}
			if (err == nil) != open[network] {
				t.Errorf("listening on %q, %s: %v", host+"0", network, err)
			}
		}
		for _, announced := range addresses(t, a.Host) {
			conn, err := net.Dial("tcp", net.JoinHostPort(announced, strconv.Itoa(a.Port)))
			if err != nil {
				t.Errorf("%q is to be reached at %s: %v", host+"0", a.Host, err)
				continue
			}
			_ = conn.Close()
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

// addresses returns every address of a host, each of which a client may take.
func addresses(t *testing.T, host string) []string {
	t.Helper()
	found, err := net.LookupHost(host)
	if err != nil || len(found) == 0 {
		t.Fatalf("addresses of %q: %v, %v", host, found, err)
	}
	return found
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
	if err := os.WriteFile(filepath.Join(dir, ".s.PGSQL.5432.lock"), lockContent(ended(t)), 0o600); err != nil {
		t.Fatal(err)
	}
}

// lockContent is what PostgreSQL writes into the lock file of its socket.
func lockContent(pid int) []byte {
	return fmt.Appendf(nil, "%d\n/var/lib/postgresql\n1700000000\n5432\n/tmp\n", pid)
}

// ended returns the identifier of a process that there is no more.
func ended(t *testing.T) int {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.list=^$")
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	return cmd.Process.Pid
}

func TestOneOfManyTakesStaleSocket(t *testing.T) {
	t.Parallel()
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
