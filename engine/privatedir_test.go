package engine

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// The user's directories may have names that are too long for a socket: others can attach all the same.
func TestSocketDirIsShort(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("SKIPPED, NOTHING WAS TESTED: Windows has no other directory")
	}
	long := filepath.Join(t.TempDir(), strings.Repeat("x", 90))
	if err := os.Mkdir(long, 0o700); err != nil {
		t.Fatal(err)
	}
	short, err := os.MkdirTemp("/tmp", "run-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(short) })
	for _, test := range []struct{ runtimeDir, tempDir, want string }{
		{"", long, "/tmp/" + userDirName()},
		{long, long, "/tmp/" + userDirName()},
		{long, short, filepath.Join(short, userDirName())},
		{short, long, filepath.Join(short, "pglite")},
	} {
		t.Setenv("XDG_RUNTIME_DIR", test.runtimeDir)
		t.Setenv("TMPDIR", test.tempDir)
		if got := SocketDir(); got != test.want {
			t.Errorf("%+v: told %s", test, got)
		}
		path, err := privateSocket(short)
		if err != nil {
			t.Fatal(err)
		}
		l, err := listenPrivate(path)
		if err != nil {
			t.Errorf("%+v: %v", test, err)
			continue
		}
		if dir := filepath.Dir(path); dir != test.want {
			t.Errorf("%+v: listens in %s", test, dir)
		}
		_ = l.Close()
	}
}
