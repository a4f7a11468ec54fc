//go:build unix

package engine

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// TestCheckConfiguration: what is no file is refused before PostgreSQL opens it, and links to files are not.
func TestCheckConfiguration(t *testing.T) {
	t.Parallel()
	for what, test := range map[string]struct {
		make func(path string) error
		want string
	}{
		"nothing":          {func(string) error { return nil }, ""},
		"a file":           {func(path string) error { return os.WriteFile(path, nil, 0o600) }, ""},
		"a directory":      {func(path string) error { return os.Mkdir(path, 0o700) }, "a directory"},
		"a FIFO":           {func(path string) error { return syscall.Mkfifo(path, 0o600) }, "a FIFO"},
		"an endless link":  {func(path string) error { return os.Symlink("/dev/zero", path) }, "a link to /dev/zero"},
		"an empty link":    {func(path string) error { return os.Symlink("/dev/null", path) }, ""},
		"a link to a file": {func(path string) error { return os.Symlink("PG_VERSION", path) }, ""},
		"a mounted file":   {func(path string) error { return os.Symlink("/etc/pglite/mounted.conf", path) }, ""},
		"a linked FIFO": {func(path string) error {
			if err := syscall.Mkfifo(filepath.Join(filepath.Dir(path), "fifo"), 0o600); err != nil {
				return err
			}
			return os.Symlink("fifo", path)
		}, "a FIFO"},
	} {
		for _, name := range []string{"postgresql.conf", "postgresql.auto.conf", "pg_hba.conf", "pg_ident.conf"} {
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "PG_VERSION"), []byte("18\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := test.make(filepath.Join(dir, name)); err != nil {
				t.Fatal(err)
			}
			err := checkConfiguration(dir, "")
			if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), name+" is "+test.want) {
				t.Errorf("%s as %s: %v", what, name, err)
			}
		}
	}
}

// TestFIFOForDirectory: nothing waits for the other end of a FIFO that stands where a directory should.
func TestFIFOForDirectory(t *testing.T) {
	t.Parallel()
	for _, fifo := range slices.Concat(filledDirs, emptyDirs) {
		dir := t.TempDir()
		for _, name := range slices.Concat(filledDirs, []string{filepath.Dir(fifo)}) {
			if name == fifo {
				continue
			}
			if err := os.MkdirAll(filepath.Join(dir, name), 0o700); err != nil {
				t.Fatal(err)
			}
		}
		if err := syscall.Mkfifo(filepath.Join(dir, fifo), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := MissingDirectories(dir); err == nil || !strings.Contains(err.Error(), fifo+" is no directory") {
			t.Errorf("%s: %v", fifo, err)
		}
	}
}
