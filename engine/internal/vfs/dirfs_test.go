package vfs

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"github.com/pglite-toolbox/pglite/engine/internal/errno"
)

// hostileDir is a directory full of ways out, beside a secret.
func hostileDir(t testing.TB) (dir string, links []string) {
	t.Helper()
	top := t.TempDir()
	dir = filepath.Join(top, "root")
	for _, d := range []string{dir, filepath.Join(dir, "d"), filepath.Join(top, "outside")} {
		if err := os.Mkdir(d, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	secret := filepath.Join(top, "outside", "secret")
	if err := os.WriteFile(secret, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, target := range map[string]string{
		"absolute": secret, "passwd": "/etc/passwd", "root": "/", "up": "../outside/secret",
		"updir": "..", "self-up": "../root/../outside/secret", "d/up": "../../outside/secret",
		"dir": filepath.Join(top, "outside"), "chain": "d/up",
	} {
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			t.Skipf("no symbolic links here: %v", err)
		}
		links = append(links, name)
	}
	return dir, append(links, "updir/outside/secret", "dir/secret", "root/etc/passwd")
}

func TestDirFSConfinement(t *testing.T) {
	t.Parallel()
	dir, links := hostileDir(t)
	for _, beneath := range []bool{true, false} {
		fs := newDirFS(t, dir, Options{})
		fs.beneath = fs.beneath && beneath
		for _, name := range links {
			_, openErr := fs.OpenFile(name, O_RDONLY, 0)
			_, createErr := fs.OpenFile(name, O_RDWR|O_CREAT, 0o600)
			_, statErr := fs.Stat(name)
			for what, err := range map[string]error{
				"open": openErr, "create": createErr, "stat": statErr,
				"chmod": fs.Chmod(name, 0o777), "utimes": fs.Utimes(name, Timespec{}, Timespec{}),
				"mkdir below": fs.Mkdir(name+"/new", 0o700), "unlink below": fs.Unlink(name + "/passwd"),
				"rename below": fs.Rename("d", name+"/d"), "rename from": fs.Rename(name+"/secret", "stolen"),
				"link from": fs.Link(name+"/secret", "stolen"), "symlink below": fs.Symlink("x", name+"/x"),
				"rmdir below": fs.Rmdir(name + "/d"),
			} {
				if !IsEscape(err) || errno.Of(err) != errno.EACCES {
					t.Errorf("%s %s: %v, want ErrEscapes", what, name, err)
				}
			}
		}
		for _, name := range []string{"../outside/secret", "d/../../outside/secret", "/etc/passwd", ".."} {
			_, err := fs.OpenFile(name, O_RDONLY, 0)
			mustBe(t, err, errno.EINVAL)
		}
	}
	if b, err := os.ReadFile(filepath.Join(filepath.Dir(dir), "outside", "secret")); string(b) != "secret" || err != nil {
		t.Errorf("the secret is %q, %v", b, err)
	}
}

// TestTreeConfinement: what leads out of the host's directory leads to the guest's
// own root, where there is no such file.
func TestTreeConfinement(t *testing.T) {
	t.Parallel()
	dir, links := hostileDir(t)
	for _, mountPoint := range []string{"/", "/data", "/a/b/c"} {
		fs := newDirFS(t, dir, Options{})
		tree := NewTree(fs)
		if mountPoint != "/" {
			tree = NewTree(NewMemFS(0))
			mustBe(t, tree.Mount(mountPoint, fs), nil)
		}
		for _, name := range append(links, "../outside/secret", "../../../outside/secret", "d/../../../outside/secret") {
			f, err := tree.OpenFile(mountPoint+"/"+name, O_RDONLY, 0)
			if err == nil {
				st, statErr := f.Stat()
				if statErr != nil || !st.IsDir() {
					t.Errorf("%s below %s: opened %+v, %v", name, mountPoint, st, statErr)
				}
				closeFile(t, f)
				continue
			}
			if n := errno.Of(err); n != errno.ENOENT {
				t.Errorf("%s below %s: %v, want ENOENT", name, mountPoint, err)
			}
		}
	}
}

func TestReadOnly(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	writable := newDirFS(t, dir, Options{})
	put(t, writable, "f", "content")
	mustBe(t, writable.Mkdir("d", 0o700), nil)
	tree := NewTree(NewMemFS(0))
	mustBe(t, tree.Mount("/ro", newDirFS(t, dir, Options{ReadOnly: true})), nil)
	for _, fs := range []FS{newDirFS(t, dir, Options{ReadOnly: true}), treeFS{tree, "/ro/"}} {
		if got := get(t, fs, "f"); got != "content" {
			t.Errorf("content %q", got)
		}
		for flag, want := range map[int]error{
			O_RDONLY: nil, O_RDONLY | O_CREAT: nil, O_RDWR: errno.EROFS, O_WRONLY: errno.EROFS,
			O_RDONLY | O_TRUNC: errno.EROFS, O_RDWR | O_CREAT | O_EXCL: errno.EEXIST,
		} {
			f, err := fs.OpenFile("f", flag, 0o600)
			if errno.Of(err) != errno.Of(want) {
				t.Errorf("open with %#o: %v, want %v", flag, err, want)
			}
			if err == nil {
				mustBe(t, f.Chmod(0o777), errno.EROFS)
				mustBe(t, f.Utimes(Timespec{}, Timespec{}), errno.EROFS)
				closeFile(t, f)
			}
		}
		_, err := fs.OpenFile("new", O_RDWR|O_CREAT, 0o600)
		mustBe(t, err, errno.EROFS)
		_, err = fs.OpenFile("new", O_RDWR, 0o600)
		mustBe(t, err, errno.ENOENT)
		_, err = fs.OpenFile("d", O_RDWR, 0o600)
		mustBe(t, err, errno.EISDIR)
		mustBe(t, fs.Mkdir("d", 0o700), errno.EEXIST) // what mkdir -p relies on
		mustBe(t, fs.Mkdir("new", 0o700), errno.EROFS)
		mustBe(t, fs.Unlink("f"), errno.EROFS)
		mustBe(t, fs.Rmdir("d"), errno.EROFS)
		mustBe(t, fs.Rename("f", "g"), errno.EROFS)
		mustBe(t, fs.Link("f", "g"), errno.EROFS)
		mustBe(t, fs.Symlink("f", "g"), errno.EROFS)
		mustBe(t, fs.Chmod("f", 0o777), errno.EROFS)
		mustBe(t, fs.Utimes("f", Timespec{}, Timespec{}), errno.EROFS)
	}
	if got := names(t, writable, "."); !slices.Equal(got, []string{"d", "f"}) {
		t.Errorf("names %q", got)
	}
}

// TestSyncErrors: a sync that fails on the host must fail here. A pipe is what
// every host refuses to sync.
func TestSyncErrors(t *testing.T) {
	t.Parallel()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	}()
	f := &dirFile{f: r, flag: O_RDWR}
	if err := f.Sync(); err == nil {
		t.Error("Sync swallowed an error")
	}
	if err := f.Datasync(); err == nil {
		t.Error("Datasync swallowed an error")
	}
	if err := f.Allocate(0, 100); err == nil {
		t.Error("Allocate swallowed an error")
	}
	closeFile(t, f)
}

func TestHostModes(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no modes")
	}
	dir := t.TempDir()
	fs := newDirFS(t, dir, Options{})
	mustBe(t, fs.Mkdir("d", 0o700), nil)
	put(t, fs, "d/f", "")
	for name, want := range map[string]os.FileMode{"d": os.ModeDir | 0o700, "d/f": 0o600} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil || info.Mode() != want {
			t.Errorf("%s on the host: %v, %v; want %v", name, info.Mode(), err, want)
		}
	}
}

func TestOpenDirFSErrors(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if _, err := OpenDirFS(filepath.Join(dir, "none"), Options{}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("missing directory: %v", err)
	}
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenDirFS(file, Options{}); err == nil {
		t.Error("a file was opened as directory")
	}
}

func TestHostErrorKeepsCause(t *testing.T) {
	t.Parallel()
	cause := errors.New("the disk is on fire")
	err := hostError(cause)
	if errno.Of(err) != errno.EIO || !errors.Is(err, cause) {
		t.Errorf("hostError: %v", err)
	}
}
