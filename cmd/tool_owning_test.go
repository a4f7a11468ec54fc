//go:build unix

package cmd

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestNamedCluster(t *testing.T) {
	t.Parallel()
	s := Streams{Dir: t.TempDir()}
	mkdir(t, s.Dir, "d")
	for _, test := range []struct{ program, args, dir, rest string }{
		{"pg_checksums", "--check", "", "--check"},
		{"pg_checksums", "--check -D d", "d", "--check"},
		{"pg_checksums", "-Dd --check", "d", "--check"},
		{"pg_checksums", "--pgdata=none -f 5", "none", "-f 5"},
		{"pg_checksums", "--pgdata none", "none", ""},
		{"pg_resetwal", "-n d", "d", "-n"},
		{"pg_resetwal", "-n -D", "", "-n -D"},
		{"postgres", "--single -D d d", "d", "--single d"},
		{"postgres", "--single d", "", "--single d"},
		{"postgres", "-D a -D b", "b", ""},
	} {
		dir, rest := namedCluster(test.program, strings.Fields(test.args), s.path)
		if dir != test.dir || !slices.Equal(rest, strings.Fields(test.rest)) {
			t.Errorf("%s %s: %q and %q, want %q and %q", test.program, test.args, dir, rest, test.dir, test.rest)
		}
	}
}

// TestOwningToolsLockWhatTheyWrite: a program that owns a cluster cannot work on another one, whose owner would know nothing of it.
func TestOwningToolsLockWhatTheyWrite(t *testing.T) {
	t.Parallel()
	needRuntime(t)
	home := realTempDir(t)
	here := place{dir: home}
	for _, name := range []string{"live", "other"} {
		freshCluster(t, filepath.Join(home, name))
	}
	if got := here.must(t, "tool", "pg_checksums", "--check", "./other"); !strings.Contains(got, "Bad checksums:  0") {
		t.Errorf("it says\n%s", got)
	}
	here.must(t, "-D", "other", "tool", "pg_checksums", "--check", "-D", filepath.Join(home, "other"))
	before := snapshot(t, filepath.Join(home, "live"))
	here.wantRefusal(t, `^pglite: pg_checksums is told to work on "./live", and pglite to use ".*/other": name one cluster\n$`, "-D", "other", "tool", "pg_checksums", "./live")
	here.wantRefusal(t, `^pglite: postgres is told to work on "./live", and pglite to use ".*/other": name one cluster\n$`, "-D", "other", "tool", "postgres", "--single", "-D", "./live", "postgres")
	// The parameter says the same, as postgresql.conf might. The server reads, and may not write.
	code, _, stderr := here.pglite(t, "-D", "other", "tool", "postgres", "--single", "-c", "data_directory="+filepath.Join(home, "live"), "postgres")
	if code == exitOK || !strings.Contains(stderr, "Read-only file system") {
		t.Errorf("another data directory by a parameter: %d, %q", code, stderr)
	}
	if snapshot(t, filepath.Join(home, "live")) != before {
		t.Error("something has changed in a cluster that was not locked")
	}
}

// TestOwningToolBesideAnOwner: the owner of a cluster that the arguments name is told of.
func TestOwningToolBesideAnOwner(t *testing.T) {
	t.Parallel()
	needRuntime(t)
	home := realTempDir(t)
	here := place{dir: home}
	dir := freshCluster(t, filepath.Join(home, "live"))
	serveCluster(t, dir)
	here.wantRefusal(t, `^pglite: data directory ".*/live" is in use by pglite process \d+: stop that one first\n$`, "tool", "pg_checksums", "--check", "./live")
}
