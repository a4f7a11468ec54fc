//go:build unix

package cmd

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestInitdbAsATool: initdb makes a cluster where its own options say, and none in a memory that goes with it.
func TestInitdbAsATool(t *testing.T) {
	t.Parallel()
	needRuntime(t)
	home := realTempDir(t)
	here := place{dir: home}
	if got := here.must(t, "tool", "initdb", "--username=postgres", "--no-sync", "./db"); !strings.Contains(got, "Success") {
		t.Errorf("it says\n%s", got)
	}
	if got := here.must(t, "-D", filepath.Join(home, "db"), "exec", "-At", "-c", "SELECT 1"); got != "1\n" {
		t.Errorf("got %q", got)
	}
	here.must(t, "tool", "initdb", "-D", filepath.Join(home, "absolute"), "--no-sync", "-U", "me")
	if got := here.must(t, "-D", "absolute", "-U", "me", "exec", "-At", "-c", "SELECT current_user"); got != "me\n" {
		t.Errorf("got %q", got)
	}
	for want, args := range map[string][]string{
		"initdb: error: no data directory specified":            {"tool", "initdb"},
		"pglite: initdb, which uses no cluster, has no use for": {"-D", "other", "tool", "initdb"},
	} {
		if code, stdout, stderr := here.pglite(t, args...); code != exitFailure || stdout != "" || !strings.HasPrefix(stderr, want) {
			t.Errorf("%q: %d, %q, %q", args, code, stdout, stderr)
		}
	}
}

// TestToolWithoutCluster: a program that reads a cluster's files is told where they are, or says that nobody has told it.
func TestToolWithoutCluster(t *testing.T) {
	t.Parallel()
	needRuntime(t)
	home := realTempDir(t)
	here := place{dir: home}
	freshCluster(t, filepath.Join(home, "db"))
	if got := here.must(t, "tool", "pg_controldata", "./db"); !strings.Contains(got, "Database system identifier") {
		t.Errorf("it says\n%s", got)
	}
	if code, _, stderr := here.pglite(t, "tool", "pg_controldata"); code != exitFailure || !strings.Contains(stderr, "no data directory specified") {
		t.Errorf("%d, %q", code, stderr)
	}
	write(t, "precious", home, "file")
	mkdir(t, home, "folder")
	for name, pattern := range map[string]string{
		"none":   `^pglite: data directory ".*/none" does not exist: make it with pglite init\n$`,
		"file":   `^pglite: ".*/file" is a file, not a directory: name a directory for the cluster\n$`,
		"folder": `^pglite: ".*/folder" is not a PostgreSQL data directory \(it has no PG_VERSION\): make a cluster with pglite init\n$`,
	} {
		before := snapshot(t, home)
		wantRefusal(t, pattern, "-D", filepath.Join(home, name), "tool", "pg_controldata")
		wantRefusal(t, pattern, "-D", filepath.Join(home, name), "tool", "pg_checksums")
		if snapshot(t, home) != before {
			t.Errorf("%s: something changed", name)
		}
	}
}
