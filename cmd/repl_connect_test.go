//go:build unix

package cmd

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestConnectElsewhere goes from a cluster of ours to another server and back.
func TestConnectElsewhere(t *testing.T) {
	needRuntime(t)
	server := needNative(t)
	dir := filepath.Dir(server.socket)
	script := strings.ReplaceAll(`\t
\a
\c 'host=DIR port=5432 user=postgres dbname=postgres'
\echo :HOST :PORT :DBNAME
SELECT current_setting('unix_socket_directories');
\c template1
\echo :HOST :DBNAME
\c - - DIR
\conninfo
\c postgresql://nobody_there@/postgres?host=DIR
SELECT current_database();
\c dbname=postgres
\echo :HOST :DBNAME :USER
SELECT current_setting('unix_socket_directories') = 'DIR';
\c postgres postgres - 5432
`, "DIR", dir)
	got := runInput(production(), "repl", script, "-D", "memory:", "-X", "-q")
	lines := strings.Split(got.stdout, "\n")
	want := []string{dir + " 5432 postgres", dir, dir + " template1", "Database|template1", "Client User|postgres", "Socket Directory|" + dir, "Server Port|5432"}
	if len(lines) < len(want) {
		t.Fatalf("%+v", got)
	}
	for i, line := range want {
		if lines[i] != line {
			t.Errorf("line %d is %q, want %q", i+1, lines[i], line)
		}
	}
	if !strings.HasSuffix(got.stdout, "\ntemplate1\n postgres postgres\nf\n") {
		t.Errorf("standard output ends with %q", got.stdout[max(0, len(got.stdout)-80):])
	}
	if !strings.Contains(got.stderr, `role "nobody_there" does not exist`) || !strings.Contains(got.stderr, "a port needs a host") {
		t.Errorf("standard error %q", got.stderr)
	}
}

func TestNamedInConnectionString(t *testing.T) {
	for _, c := range []struct {
		text, parameter string
		want            bool
	}{
		{"dbname=x", "host", false},
		{"dbname=x host = y", "host", true},
		{"ghost=1", "host", false},
		{"postgres:///x", "host", false},
		{"postgres://h/x", "host", true},
		{"postgres:///x?host=/tmp", "host", true},
		{"postgres://u@/x", "user", true},
		{"postgres:///x", "user", false},
		{"postgres:///x?port=1", "port", true},
	} {
		if got := named(c.text, c.parameter); got != c.want {
			t.Errorf("%s in %q: got %v", c.parameter, c.text, got)
		}
	}
}
