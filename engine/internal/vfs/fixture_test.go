package vfs

import (
	"testing"

	"github.com/pglite-toolbox/pglite/engine/internal/errno"
)

// subject is a file system under test. Its names are relative to a directory that
// is empty at first.
type subject struct {
	FS
	name string
}

// subjects makes each kind of file system, and a Tree over each.
func subjects(t testing.TB) []subject {
	t.Helper()
	list := []subject{
		{newDirFS(t, t.TempDir(), Options{}), "DirFS"},
		{newRootedDirFS(t), "DirFS without openat2"},
		{NewMemFS(0), "MemFS"},
		{newTreeFS(t, newDirFS(t, t.TempDir(), Options{})), "Tree over DirFS"},
		{newTreeFS(t, NewMemFS(0)), "Tree over MemFS"},
		{newCrowdedTreeFS(t, newDirFS(t, t.TempDir(), Options{})), "crowded Tree over DirFS"},
		{newCrowdedTreeFS(t, NewMemFS(0)), "crowded Tree over MemFS"},
	}
	return list
}

func newDirFS(t testing.TB, path string, options Options) *DirFS {
	t.Helper()
	d, err := OpenDirFS(path, options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

// newRootedDirFS always uses os.Root, as on hosts without openat2.
func newRootedDirFS(t testing.TB) *DirFS {
	d := newDirFS(t, t.TempDir(), Options{})
	d.beneath = false
	return d
}

// onAll runs a test over every file system.
func onAll(t *testing.T, f func(t *testing.T, fs FS)) {
	t.Helper()
	for _, s := range subjects(t) {
		t.Run(s.name, func(t *testing.T) { f(t, s.FS) })
	}
}

// treeFS makes a directory of a Tree look like an FS.
type treeFS struct {
	tree *Tree
	at   string
}

func newTreeFS(t testing.TB, fs FS) treeFS {
	t.Helper()
	tree := NewTree(NewMemFS(0))
	mustBe(t, tree.Mount("/mnt/fs", fs), nil)
	return treeFS{tree, "/mnt/fs/"}
}

// newCrowdedTreeFS has a mount below the file system, so that the Tree walks.
func newCrowdedTreeFS(t testing.TB, fs FS) treeFS {
	t.Helper()
	tree := NewTree(fs)
	mustBe(t, fs.Mkdir("sub", 0o755), nil)
	mustBe(t, tree.Mount("/elsewhere", NewMemFS(0)), nil)
	return treeFS{tree, "/sub/"}
}

func (t treeFS) path(name string) string {
	if name == "." {
		return t.at[:len(t.at)-1]
	}
	if name == "" || checkName(name) == errno.EINVAL && checkLength(name) == nil {
		return name // the Tree refuses what is not absolute
	}
	return t.at + name
}

func (t treeFS) OpenFile(name string, flag int, perm uint32) (File, error) {
	return t.tree.OpenFile(t.path(name), flag, perm)
}
func (t treeFS) Stat(name string) (Stat, error)       { return t.tree.Stat(t.path(name)) }
func (t treeFS) Lstat(name string) (Stat, error)      { return t.tree.Lstat(t.path(name)) }
func (t treeFS) Mkdir(name string, perm uint32) error { return t.tree.Mkdir(t.path(name), perm) }
func (t treeFS) Unlink(name string) error             { return t.tree.Unlink(t.path(name)) }
func (t treeFS) Rmdir(name string) error              { return t.tree.Rmdir(t.path(name)) }
func (t treeFS) Rename(o, n string) error             { return t.tree.Rename(t.path(o), t.path(n)) }

func (t treeFS) Link(o, n string) error { return t.tree.Link(t.path(o), t.path(n)) }

func (t treeFS) Symlink(target, name string) error       { return t.tree.Symlink(target, t.path(name)) }
func (t treeFS) Readlink(name string) (string, error)    { return t.tree.Readlink(t.path(name)) }
func (t treeFS) Chmod(name string, mode uint32) error    { return t.tree.Chmod(t.path(name), mode) }
func (t treeFS) Utimes(name string, a, m Timespec) error { return t.tree.Utimes(t.path(name), a, m) }

// mustBe checks an error by its number; nil is success.
func mustBe(t testing.TB, err, want error) {
	t.Helper()
	if errno.Of(err) != errno.Of(want) {
		t.Fatalf("got error %v, want %v", err, want)
	}
}

func open(t testing.TB, fs FS, name string, flag int) File {
	t.Helper()
	f, err := fs.OpenFile(name, flag, 0o600)
	if err != nil {
		t.Fatalf("open %q with %#o: %v", name, flag, err)
	}
	return f
}

func closeFile(t testing.TB, f File) {
	t.Helper()
	if err := f.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
}

// put makes a file with the content.
func put(t testing.TB, fs FS, name, content string) {
	t.Helper()
	f := open(t, fs, name, O_WRONLY|O_CREAT|O_TRUNC)
	defer closeFile(t, f)
	if n, err := f.WriteAt([]byte(content), 0); err != nil || n != len(content) {
		t.Fatalf("write %q: %d, %v", name, n, err)
	}
}

// get reads a whole file.
func get(t testing.TB, fs FS, name string) string {
	t.Helper()
	f := open(t, fs, name, O_RDONLY)
	defer closeFile(t, f)
	return contentOf(t, f)
}

func contentOf(t testing.TB, f File) string {
	t.Helper()
	size, err := f.Size()
	if err != nil {
		t.Fatal(err)
	}
	p := make([]byte, size+1)
	n, err := f.ReadAt(p, 0)
	if err != nil || int64(n) != size {
		t.Fatalf("read: %d of %d, %v", n, size, err)
	}
	return string(p[:n])
}

// names lists a directory, in order.
func names(t testing.TB, fs FS, name string) []string {
	t.Helper()
	f := open(t, fs, name, O_RDONLY|O_DIRECTORY)
	defer closeFile(t, f)
	entries, err := f.ReadDir()
	if err != nil {
		t.Fatal(err)
	}
	return sortedNames(entries)
}
