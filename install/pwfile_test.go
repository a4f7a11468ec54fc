package install

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestPasswordFile: initdb sees a copy of the last password file, whatever way it is given, and no path of the host.
func TestPasswordFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first, last := filepath.Join(dir, "first"), filepath.Join(dir, "last")
	for _, name := range []string{first, last} {
		if err := os.WriteFile(name, []byte(filepath.Base(name)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{
		{"--pwfile=" + last, "-k"}, {"--pwfile", last, "-k"}, {"--pwfile=" + first, "-k", "--pwfile", last}, {"--pwfile", first, "--pwfile=" + last, "-k"},
	} {
		got, mounts, remove, err := withPasswordFile(args)
		if err != nil || len(mounts) != 1 {
			t.Fatalf("%q: %v, %v", args, mounts, err)
		}
		if want := []string{"-k", "--pwfile=/run/pglite/pwfile"}; !slices.Equal(got, want) {
			t.Errorf("%q became %q, want %q", args, got, want)
		}
		if b, err := os.ReadFile(filepath.Join(mounts[0].Host, "pwfile")); err != nil || string(b) != "last" {
			t.Errorf("%q: %q, %v", args, b, err)
		}
		remove()
		if _, err := os.Stat(mounts[0].Host); err == nil {
			t.Errorf("%q: the copy is left", args)
		}
	}
	empty := filepath.Join(dir, "empty")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, _, err := withPasswordFile([]string{"--pwfile", empty}); err == nil || !strings.Contains(err.Error(), empty) {
		t.Errorf("an empty one: %v", err)
	}
	if got, mounts, _, err := withPasswordFile([]string{"-k"}); err != nil || mounts != nil || !slices.Equal(got, []string{"-k"}) {
		t.Errorf("without: %q, %v, %v", got, mounts, err)
	}
}
