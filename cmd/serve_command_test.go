//go:build unix

package cmd

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestServeCommand(t *testing.T) {
	needRuntime(t)
	t.Setenv("PGSSLMODE", "verify-full") // another server's, as is the address
	t.Setenv("PGHOSTADDR", "192.0.2.1")
	data := freshCluster(t, filepath.Join(t.TempDir(), "data"))
	for _, test := range []struct {
		args   []string
		script string
		code   int
		stdout string
	}{
		{nil, `echo "$PGUSER $PGDATABASE"; exit 7`, 7, "postgres postgres\n"},
		{nil, `test -S "$PGHOST/.s.PGSQL.$PGPORT" && echo socket`, 0, "socket\n"},
		{[]string{"--tcp", "0"}, `case $DATABASE_URL in postgresql://postgres@127.0.0.1:$PGPORT/postgres*) echo tcp;; esac`, 0, "tcp\n"},
		{nil, `echo "${PGSSLMODE-none} ${PGHOSTADDR-none}"`, 0, "none none\n"},
		{[]string{"--tcp", "0"}, `pglite -D "` + data + `" exec -At 'SHOW port' | grep -qx "$PGPORT" && echo same`, 0, "same\n"},
		{nil, `kill -TERM $$`, 128 + int(syscall.SIGTERM), ""},
		{nil, `cat`, 0, ""},
	} {
		args := append(append([]string{"-D", data, "serve"}, test.args...), "--", "sh", "-c", test.script)
		code, stdout, stderr := pglite(t, args...)
		if code != test.code || stdout != test.stdout {
			t.Errorf("%s: %d, %q, want %d, %q\n%s", test.script, code, stdout, test.code, test.stdout, stderr)
		}
	}
	// Before anything else: there is not even a cluster.
	code, _, stderr := pglite(t, "-D", filepath.Join(t.TempDir(), "none"), "serve", "--", "no-such-program")
	if want := "pglite: run no-such-program: executable file not found in $PATH\n"; code != exitFailure || stderr != want {
		t.Errorf("no such program: %d, %q, want %q", code, stderr, want)
	}
	if code, stdout, stderr := pglite(t, "-D", data, "serve", "--", "echo", "quiet"); code != exitOK || stdout != "quiet\n" || stderr != "" {
		t.Errorf("with a command: %d, %q, and on standard error %q", code, stdout, stderr)
	}
	code, _, stderr = pglite(t, "-v", "-D", data, "serve", "--", "true")
	if code != exitOK || !strings.Contains(stderr, "database system is ready") || !strings.Contains(stderr, "pglite: ready") {
		t.Errorf("not quiet: %d, %q", code, stderr)
	}
	if strings.Contains(stderr, "/tmp/.s.PGSQL") {
		t.Errorf("a socket of the guest is named: %q", stderr)
	}
	// A server that fails is no secret.
	code, _, stderr = pglite(t, "-D", data, "serve", "--set", "shared_buffers=1kB", "--", "true")
	if code != exitFailure || !strings.Contains(stderr, "shared_buffers") {
		t.Errorf("a failed start: %d, %q", code, stderr)
	}
}

// The directory of temporary files may have a name that is too long for a socket.
func TestServeCommandWithLongNames(t *testing.T) {
	needRuntime(t)
	data := freshCluster(t, filepath.Join(t.TempDir(), "data"))
	long := filepath.Join(t.TempDir(), strings.Repeat("x", 90))
	if err := os.Mkdir(long, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", long)
	code, stdout, stderr := pglite(t, "-D", data, "serve", "--", "sh", "-c", `test -S "$PGHOST/.s.PGSQL.5432" && echo socket`)
	if code != exitOK || stdout != "socket\n" || strings.Contains(stderr, "cannot attach") {
		t.Errorf("%d, %q\n%s", code, stdout, stderr)
	}
}

// A command that is told to end ends the server, with its own exit code.
func TestServePassesSignals(t *testing.T) {
	t.Parallel()
	needRuntime(t)
	data := freshCluster(t, filepath.Join(t.TempDir(), "data"))
	s := serveShowing(t, data, "--", "sh", "-c", `trap 'exit 9' TERM; echo up; while :; do sleep 0.1; done`)
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

// A command that goes on after a signal is killed by the second one.
func TestServeKillsCommand(t *testing.T) {
	t.Parallel()
	needRuntime(t)
	data := freshCluster(t, filepath.Join(t.TempDir(), "data"))
	s := serveShowing(t, data, "--", "sh", "-c", `trap 'echo told' TERM; echo up; while :; do sleep 0.1; done`)
	said := func(want string) {
		t.Helper()
		if line, err := s.stdout.ReadString('\n'); err != nil || line != want+"\n" {
			t.Fatalf("%q, %v, want %q", line, err, want)
		}
	}
	said("up")
	s.signal(syscall.SIGTERM)
	said("told")
	show(t, s.connect(), "select 'still served'")
	if code := s.stop(syscall.SIGTERM); code != 128+int(syscall.SIGKILL) {
		t.Errorf("exit code %d, want that of a killed command:\n%s", code, s.said())
	}
	if left := s.left(); left != "" {
		t.Errorf("left behind: %s", left)
	}
	if !strings.Contains(s.said(), "database system is shut down") {
		t.Errorf("not shut down:\n%s", s.said())
	}
}
