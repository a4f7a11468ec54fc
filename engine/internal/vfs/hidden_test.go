package vfs

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/pglite-toolbox/pglite/engine/internal/errno"
)

// hidingFS is a directory with a hidden file "secret", a hard link and a symbolic link to it, and a file that anybody
// may see.
func hidingFS(t *testing.T) (d *DirFS, dir string) {
	t.Helper()
	dir = t.TempDir()
	for _, name := range []string{"secret", "plain"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("content"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	secret, err := os.Open(filepath.Join(dir, "secret"))
	if err != nil {
		t.Fatal(err)
	}
	defer secret.Close()
	id, ok := IdentityOf(secret)
	if !ok {
		t.Fatal("no identity")
	}
	if err := errors.Join(
		os.Link(filepath.Join(dir, "secret"), filepath.Join(dir, "hard")),
		os.Symlink("secret", filepath.Join(dir, "soft")),
		os.Symlink(".", filepath.Join(dir, "self")),
	); err != nil {
		t.Skipf("SKIPPED, NOTHING WAS TESTED: %v", err)
	}
	hidden := &Hidden{Names: []string{"secret"}, File: func() (Identity, bool) { return id, true }}
	d, err = OpenDirFS(dir, Options{Hidden: hidden})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d, dir
}

func TestHidden(t *testing.T) {
	t.Parallel()
	d, dir := hidingFS(t)
	now := Timespec{Sec: 1}
	for what, do := range map[string]func(name string) error{
		"read":     func(name string) error { _, err := d.OpenFile(name, O_RDONLY, 0); return err },
		"write":    func(name string) error { _, err := d.OpenFile(name, O_RDWR, 0); return err },
		"empty":    func(name string) error { _, err := d.OpenFile(name, O_WRONLY|O_TRUNC, 0); return err },
		"make":     func(name string) error { _, err := d.OpenFile(name, O_WRONLY|O_CREAT|O_TRUNC, 0o600); return err },
		"stat":     func(name string) error { _, err := d.Stat(name); return err },
		"chmod":    func(name string) error { return d.Chmod(name, 0o777) },
		"utimes":   func(name string) error { return d.Utimes(name, now, now) },
		"link":     func(name string) error { return ifLink(name, func() error { return d.Link(name, "more") }) },
		"readonly": func(name string) error { _, err := d.OpenFile(name, O_RDONLY|O_TRUNC, 0); return err },
	} {
		for _, name := range []string{"secret", "SECRET", "hard", "soft", "self/secret", "self/hard", "self/self/soft"} {
			if err := do(name); errno.Of(err) != errno.ENOENT && errno.Of(err) != errno.EACCES {
				t.Errorf("%s %s: %v", what, name, err)
			}
		}
	}
	for what, err := range map[string]error{
		"unlink": d.Unlink("secret"), "unlink below": d.Unlink("self/secret"), "rename": d.Rename("secret", "x"), "rename onto": d.Rename("plain", "self/secret"),
		"link onto": d.Link("plain", "Secret"), "symlink": d.Symlink("plain", "self/secret"), "mkdir": d.Mkdir("self/secret", 0o700), "rmdir": d.Rmdir("secret"),
	} {
		if err == nil {
			t.Errorf("%s is allowed", what)
		}
	}
	if content, err := os.ReadFile(filepath.Join(dir, "secret")); string(content) != "content" {
		t.Errorf("it is %q now, %v", content, err)
	}
}

// ifLink leaves symbolic links out, which may get names as they like.
func ifLink(name string, do func() error) error {
	if filepath.Base(name) == "soft" {
		return errno.ENOENT
	}
	return do()
}

func TestHiddenIsNotListed(t *testing.T) {
	t.Parallel()
	d, _ := hidingFS(t)
	for _, name := range []string{".", "self"} {
		f, err := d.OpenFile(name, O_RDONLY|O_DIRECTORY, 0)
		if err != nil {
			t.Fatal(err)
		}
		entries, err := f.ReadDir()
		if err != nil || len(entries) != 4 {
			t.Errorf("%s: %v, %v", name, entries, err)
		}
		_ = f.Close()
	}
	f, err := d.OpenFile("plain", O_RDWR|O_TRUNC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if size, err := f.Size(); size != 0 || err != nil {
		t.Errorf("an emptied file has %d bytes, %v", size, err)
	}
}
