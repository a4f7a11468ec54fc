//go:build unix

package server_test

import (
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pglite-toolbox/pglite/engine/server"
)

// PostgreSQL takes no lock of the operating system: its file and its socket must stay as they are, whatever one knows
// of the other.
func TestForeignServerKeepsItsSocket(t *testing.T) {
	t.Parallel()
	const alive = 1 // the first process
	for _, test := range []struct {
		name      string
		lock      []byte // nil: none
		listening bool
		taken     bool
	}{
		{"live socket without lock file", nil, true, false},
		{"live socket, lock file of a live process", lockContent(alive), true, false},
		{"live socket, lock file of a dead process", lockContent(ended(t)), true, false},
		{"no socket yet, lock file of a live process", lockContent(alive), false, false},
		{"no socket yet, lock file of a live single-user server", lockContent(-alive), false, false},
		{"no socket, lock file of a dead process", lockContent(ended(t)), false, true},
		{"no socket, our own identifier", lockContent(os.Getpid()), false, true},
		{"no socket, a killed pglite's file whose number another process has", append(lockContent(alive), "pglite\n"...), false, true},
		{"no socket, an empty lock file", []byte{}, false, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, ".s.PGSQL.5432")
			if test.lock != nil {
				if err := os.WriteFile(path+".lock", test.lock, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if test.listening {
				l, err := net.Listen("unix", path)
				if err != nil {
					t.Fatal(err)
				}
				defer l.Close()
			}
			s, err := server.Listen(server.Config{SocketDir: dir})
			if err == nil {
				defer s.Close()
			}
			if test.taken {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), "another server listens there") {
				t.Errorf("got %v", err)
			}
			if b, err := os.ReadFile(path + ".lock"); string(b) != string(test.lock) || (test.lock == nil) != errors.Is(err, fs.ErrNotExist) {
				t.Errorf("its lock file is %q, %v, was %q", b, err, test.lock)
			}
			if test.listening {
				conn, err := net.Dial("unix", path)
				if err != nil {
					t.Fatalf("the other server's socket is gone: %v", err)
				}
				_ = conn.Close()
			}
		})
	}
}

func TestLockFileGoesWithItsServer(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, err := server.Listen(server.Config{SocketDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(filepath.Join(dir, ".s.PGSQL.5432.lock")); err != nil || !strings.HasSuffix(string(b), "\npglite\n") {
		t.Errorf("the lock file is %q, %v", b, err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
