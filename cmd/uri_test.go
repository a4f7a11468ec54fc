//go:build unix

package cmd

import (
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestConnectionURI: exec and repl go to another server by a URI or a connection string, where psql takes one.
func TestConnectionURI(t *testing.T) {
	t.Parallel()
	server := needNative(t)
	b := production()
	dir := filepath.Dir(server.socket)
	uri := "postgresql://postgres@/template1?host=" + url.QueryEscape(dir)
	const where = "SELECT current_database(), current_setting('unix_socket_directories')"
	for _, args := range [][]string{
		{"exec", "-A", "-t", "-d", uri, where},
		{"exec", "-A", "-t", uri, where},
		{"exec", uri, "-A", "-t", "-c", where},
		{"exec", "-A", "-t", "-d", "host=" + dir + " user=postgres dbname=template1", where},
		{"repl", "-X", "-A", "-t", uri, "-c", where},
		{"repl", "-X", "-A", "-t", "-d", uri, "-c", where},
		{"-d", uri, "repl", "-X", "-A", "-t", "-c", where},
	} {
		got := runWith(b, args[0], args[1:]...)
		if got.stdout != "template1|"+dir+"\n" || got.stderr != "" || got.code != exitOK {
			t.Errorf("%q: %+v", args, got)
		}
	}
	script := "\\conninfo\n\\c -reuse-previous=off dbname=postgres\n"
	if got := runInput(b, "repl", script, "-X", uri); !strings.Contains(got.stdout, dir) || got.code != exitConnection || !strings.Contains(got.stderr, "no cluster of its own") {
		t.Errorf("%+v", got)
	}
}

// TestOwnConnectionString: a connection string that names no server is for pglite's own cluster.
func TestOwnConnectionString(t *testing.T) {
	t.Parallel()
	b := memoryBackend(t)
	if got := runWith(b, "exec", "-A", "-t", "-d", "postgresql:///template1?application_name=named", "SELECT current_database(), current_setting('application_name')"); got.stdout != "template1|named\n" {
		t.Errorf("%+v", got)
	}
}

// TestConnectionStringIsNotRepeated: it may hold a password.
func TestConnectionStringIsNotRepeated(t *testing.T) {
	t.Parallel()
	record := filepath.Join(t.TempDir(), "f")
	for _, args := range [][]string{
		{"repl", "a", "b", "postgres://u:geheim@h/x"},
		{"exec", "-d", "postgres://u:geheim@h:port/x", "SELECT 1"},
		{"repl", "user='geheim"},
		{"exec", "--record", record, "postgres://u:geheim@127.0.0.1:1/x", "SELECT 1"},
		{"exec", "postgres://u:geheim@127.0.0.1:1/x", "SELECT 1"},
	} {
		code, stdout, stderr := pglite(t, append([]string{"-D", "memory:"}, args...)...)
		if code == exitOK || strings.Contains(stdout+stderr, "geheim") || stderr == "" {
			t.Errorf("%q: %d, %s", args, code, stderr)
		}
	}
	if _, err := os.Lstat(record); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the record: error %v, want that there is none", err)
	}
}
