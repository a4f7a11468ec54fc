//go:build unix

package cmd

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// passwordCluster makes a cluster that wants passwords: of postgres, "first", and of other, "second".
func passwordCluster(t *testing.T) (data string) {
	t.Helper()
	needRuntime(t)
	data = freshCluster(t, filepath.Join(t.TempDir(), "data"))
	succeed(t, "", "-D", data, "exec", "ALTER ROLE postgres PASSWORD 'first'; CREATE ROLE other LOGIN PASSWORD 'second'")
	if err := os.WriteFile(filepath.Join(data, "pg_hba.conf"), []byte("local all all scram-sha-256\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return data
}

// TestPasswordPromptIsLeft leaves the prompt in every way that a terminal knows, after which what is typed is shown again.
func TestPasswordPromptIsLeft(t *testing.T) {
	t.Parallel()
	data := passwordCluster(t)
	for _, command := range [][]string{{"exec", "SELECT 1"}, {"repl"}} {
		for _, key := range []string{"\x03", "fir\x03", "\x04", "SIGTERM"} {
			s := startTerminal(t, t.TempDir(), nil, append([]string{"-D", data}, command...)...)
			s.wait("Password for user postgres: ")
			if echoes(t, s) {
				t.Errorf("%q: the password would be shown", command)
			}
			if key != "SIGTERM" {
				s.typed(key)
			} else if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
			s.wait("pglite: interrupted")
			if key == "SIGTERM" {
				s.left(exitSignal + int(syscall.SIGTERM))
			} else {
				s.left(exitSignal + int(syscall.SIGINT))
			}
			if !echoes(t, s) {
				t.Errorf("%q left by %q: what is typed is not shown any more", command, key)
			}
		}
	}
}

// TestPasswordIsKept: a typed password is for the user's next connections to the server too, and for no other user's.
func TestPasswordIsKept(t *testing.T) {
	t.Parallel()
	s := openTerminalOn(t, passwordCluster(t), t.TempDir(), nil)
	s.wait("Password for user postgres: ")
	s.typed("first\r")
	s.wait("postgres=# ")
	s.typed("\\h ABORT\r")
	s.wait("abort the current transaction")
	s.wait("postgres=# ")
	s.typed("\\c template1\r")
	s.wait(`You are now connected to database "template1" as user "postgres".`)
	s.wait("template1=# ")
	s.typed("SELECT pg_terminate_backend(pg_backend_pid());\r")
	s.wait("Attempting reset: Succeeded.")
	s.wait("template1=# ")
	s.typed("\\c postgres other\r")
	s.wait("Password for user other: ")
	s.typed("second\r")
	s.wait("postgres=> ")
	s.typed("\\c template1\r")
	s.wait(`You are now connected to database "template1" as user "other".`)
	s.wait("template1=> ")
	s.typed("\\c - postgres\r")
	s.wait("Password for user postgres: ")
	s.typed("\x03")
	s.wait("Previous connection kept")
	s.wait("template1=> ")
	s.typed("\\c 'dbname=postgres user=postgres password=first'\r")
	s.wait(`You are now connected to database "postgres" as user "postgres".`)
	s.wait("postgres=# ")
	s.typed("\\c template1\r")
	s.wait(`You are now connected to database "template1" as user "postgres".`)
	s.wait("template1=# ")
	s.typed("\\q\r")
	s.left(exitOK)
}

// TestNobodyIsAskedWithNoPassword: -w is for \c in the shell too.
func TestNobodyIsAskedWithNoPassword(t *testing.T) {
	t.Parallel()
	data := passwordCluster(t)
	rules := "local all postgres trust\nlocal all all scram-sha-256\n"
	if err := os.WriteFile(filepath.Join(data, "pg_hba.conf"), []byte(rules), 0o600); err != nil {
		t.Fatal(err)
	}
	s := openTerminalOn(t, data, t.TempDir(), nil, "-w")
	s.wait("postgres=# ")
	s.typed("\\c - other\r")
	s.wait("no password supplied")
	s.wait("Previous connection kept")
	s.typed("\\q\r")
	s.left(exitOK)
}
