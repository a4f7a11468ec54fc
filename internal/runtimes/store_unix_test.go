//go:build unix

package runtimes

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestGroupUmask: with the umask 002 a directory that the caller makes and names is its group's, and the runtime in it
// the user's alone. The umask is the process's, so no other test runs meanwhile.
func TestGroupUmask(t *testing.T) { //nolint:paralleltest // see above
	defer syscall.Umask(syscall.Umask(0o002))
	o := fromFile(t, smallRuntime(t))
	if err := os.Mkdir(o.CacheDir, 0o777); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(o.CacheDir)
	if err != nil || info.Mode().Perm() != 0o775 {
		t.Fatalf("the directory: %v, %v", info, err)
	}
	dir, err := Provide(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := Provide(t.Context(), o); err != nil || again != dir {
		t.Errorf("the second time: %s, %v, want %s", again, err, dir)
	}
	store := filepath.Join(o.CacheDir, "runtime")
	for _, name := range []string{store, dir} {
		if info, err := os.Stat(name); err != nil || info.Mode().Perm()&0o022 != 0 {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
	for name, mode := range map[string]os.FileMode{store: 0o775, o.CacheDir: 0o777} {
		if err := os.Chmod(name, mode); err != nil {
			t.Fatal(err)
		}
		if _, err := Provide(t.Context(), o); err == nil || !strings.Contains(err.Error(), name+" can be written by others") {
			t.Errorf("%s with mode %o: %v", name, mode, err)
		}
		if err := os.Chmod(name, 0o755); err != nil {
			t.Fatal(err)
		}
	}
}
