package engine

import (
	"os"
	"path/filepath"
	"runtime"
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
	short, shared := shortDir(t), "/tmp/"+userDirName() // that one may be another user's here, so that nothing is made in it
	long := makeDir(t, filepath.Join(t.TempDir(), strings.Repeat("x", 90)), 0o700)
	fits := longestSocketDir - len(short+"/"+"/pglite")
	longest := makeDir(t, filepath.Join(short, strings.Repeat("y", fits)), 0o700)
	tooLong := makeDir(t, longest+"y", 0o700)
	for _, test := range []struct{ runtimeDir, tempDir, want string }{
		{"", long, shared},
		{long, long, shared},
		{long, short, filepath.Join(short, userDirName())},
		{tooLong, short, filepath.Join(short, userDirName())},
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

// TestSocketDirOfOthers: a directory that others can enter is not used, and what is said to do about it helps.
func TestSocketDirOfOthers(t *testing.T) {
	short := shortDir(t)
	open := makeDir(t, filepath.Join(short, userDirName()), 0o755)
	if err := os.Chmod(open, 0o755); err != nil { // whatever the umask
		t.Fatal(err)
	}
	t.Setenv("XDG_RUNTIME_DIR", "")
	t.Setenv("TMPDIR", short)
	if path, err := privateSocket(short); err == nil || !strings.Contains(err.Error(), open) || !strings.Contains(err.Error(), "or set XDG_RUNTIME_DIR to") {
		t.Errorf("got %q, %v", path, err)
	}
	own := makeDir(t, filepath.Join(short, "own"), 0o700)
	t.Setenv("XDG_RUNTIME_DIR", own)
	listenIn(t, filepath.Join(own, "pglite"), short)
}
