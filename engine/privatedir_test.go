package engine

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
)

// shortDir returns a directory whose name leaves room for a socket's, wherever the temporary files are.
func shortDir(t *testing.T) string {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("SKIPPED, NOTHING WAS TESTED: Windows has no other directory")
	}
	dir, err := os.MkdirTemp("/tmp", "run-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// makeDir makes a directory.
func makeDir(t *testing.T, dir string, mode os.FileMode) string {
	t.Helper()
	if err := os.Mkdir(dir, mode); err != nil {
		t.Fatal(err)
	}
	return dir
}

// The user's directories may have names that are too long for a socket: others can attach all the same.
func TestSocketDirIsShort(t *testing.T) {
	own := "pglite-" + strconv.Itoa(os.Getuid())
	short, shared := shortDir(t), "/tmp/"+own // that one may be another user's here, so that nothing is made in it
	long := makeDir(t, filepath.Join(t.TempDir(), strings.Repeat("x", 90)), 0o700)
	fits := longestSocketDir - len(short+"/"+"/pglite")
	longest := makeDir(t, filepath.Join(short, strings.Repeat("y", fits)), 0o700)
	tooLong := makeDir(t, longest+"y", 0o700)
	for _, test := range []struct{ runtimeDir, tempDir, want string }{
		{"", long, shared},
		{long, long, shared},
		{long, short, filepath.Join(short, own)},
		{tooLong, short, filepath.Join(short, own)},
		{longest, long, filepath.Join(longest, "pglite")},
		{short, long, filepath.Join(short, "pglite")},
	} {
		t.Setenv("XDG_RUNTIME_DIR", test.runtimeDir)
		t.Setenv("TMPDIR", test.tempDir)
		if got := SocketDir(); got != test.want || len(got) > longestSocketDir {
			t.Errorf("%+v: told %s", test, got)
		}
		if test.want != shared {
			listenIn(t, test.want, short)
		}
	}
}

// listenIn listens for a data directory, at the longest name that there may be in a directory.
func listenIn(t *testing.T, dir, data string) {
	t.Helper()
	path, err := privateSocket(data)
	if err != nil {
		t.Fatal(err)
	}
	if got := filepath.Dir(path); got != dir {
		t.Errorf("listens in %s, not in %s", got, dir)
	}
	l, err := listenPrivate(path + "-4194304-2")
	if err != nil {
		t.Error(err)
		return
	}
	_ = l.Close()
}

// TestSocketDirOfOthers: a directory that others can enter is not used, nor a link or what is no directory; the next
// one is.
func TestSocketDirOfOthers(t *testing.T) {
	short := shortDir(t)
	bad := filepath.Join(short, "pglite-"+strconv.Itoa(os.Getuid()))
	own := makeDir(t, filepath.Join(short, "own"), 0o700)
	t.Setenv("TMPDIR", short)
	for name, plant := range map[string]func() error{
		"open":   func() error { return errors.Join(os.Mkdir(bad, 0o755), os.Chmod(bad, 0o755)) }, // whatever the umask
		"a link": func() error { return os.Symlink(own, bad) },
		"a file": func() error { return os.WriteFile(bad, nil, 0o600) },
	} {
		if err := errors.Join(os.RemoveAll(bad), plant()); err != nil {
			t.Fatal(err)
		}
		t.Setenv("XDG_RUNTIME_DIR", "")
		if dir := SocketDir(); dir == bad {
			t.Errorf("%s: told %s", name, dir)
		}
		if path, err := privateSocket(short); err == nil && filepath.Dir(path) == bad {
			t.Errorf("%s: listens in it", name)
		}
		t.Setenv("XDG_RUNTIME_DIR", own)
		listenIn(t, filepath.Join(own, "pglite"), short)
	}
}
