package vfs

import (
	"strings"
	"testing"

	"github.com/pglite-toolbox/pglite/engine/internal/errno"
)

// TestSeal: what may be made is made, what is there stays usable, everything else is refused.
func TestSeal(t *testing.T) {
	t.Parallel()
	mem := NewMemFS(0)
	mustBe(t, mem.Mkdir("tmp", 0o700), nil)
	fs := Seal(mem, func(name string) bool { return strings.HasPrefix(name, "tmp/.s.") })
	create := func(name string) error {
		f, err := fs.OpenFile(name, O_CREAT|O_RDWR, 0o600)
		if err == nil {
			err = f.Close()
		}
		return err
	}
	mustBe(t, create("tmp/.s.1"), nil)
	mustBe(t, create("tmp/.s.1"), nil)
	mustBe(t, create("tmp/x"), errno.EACCES)
	mustBe(t, create("x"), errno.EACCES)
	mustBe(t, fs.Mkdir("tmp", 0o700), errno.EEXIST)
	mustBe(t, fs.Mkdir("home", 0o700), errno.EACCES)
	mustBe(t, fs.Rename("tmp/.s.1", "tmp/x"), errno.EACCES)
	mustBe(t, fs.Rename("tmp/.s.1", "tmp/.s.2"), nil)
	mustBe(t, fs.Link("tmp/.s.2", "y"), errno.EACCES)
	mustBe(t, fs.Symlink("tmp", "y"), errno.EACCES)
	mustBe(t, fs.Unlink("tmp/.s.2"), nil)
}
