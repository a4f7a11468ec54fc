package plainfile

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func write(t *testing.T, name string, content []byte) {
	t.Helper()
	if err := os.WriteFile(name, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestRead(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "file"), []byte("content"))
	write(t, filepath.Join(dir, "long"), make([]byte, Limit+1))
	if b, err := Read(dir, "file"); err != nil || string(b) != "content" {
		t.Errorf("%q, %v", b, err)
	}
	if b, err := Read(dir, "long"); err != nil || !bytes.Equal(b, make([]byte, Limit)) {
		t.Errorf("%d bytes, %v", len(b), err)
	}
	if _, err := Read(dir, "absent"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v", err)
	}
	if _, err := Read(filepath.Join(dir, "absent"), "file"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v", err)
	}
}

// TestNothingElse: links out of the directory, directly or through a directory, and directories.
func TestNothingElse(t *testing.T) {
	t.Parallel()
	outside, dir := t.TempDir(), t.TempDir()
	write(t, filepath.Join(outside, "secret"), []byte("secret"))
	if err := os.Mkdir(filepath.Join(dir, "directory"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := Read(dir, "directory"); err == nil || !strings.Contains(err.Error(), "no regular file") {
		t.Errorf("a directory: %v", err)
	}
	for name, to := range map[string]string{"file": filepath.Join(outside, "secret"), "below": outside} {
		if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
			t.Skipf("SKIPPED: no symbolic links here: %v", err)
		}
	}
	for _, name := range []string{"file", "below/secret"} {
		if b, err := Read(dir, name); err == nil {
			t.Errorf("%s: %q", name, b)
		}
	}
}
