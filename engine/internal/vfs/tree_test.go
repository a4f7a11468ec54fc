package vfs

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/pglite-toolbox/pglite/engine/internal/errno"
)

// guestTree is laid out as for PostgreSQL: a root, a read-only runtime, the data
// directory, devices, and a mount without a directory to sit on.
func guestTree(t testing.TB) *Tree {
	t.Helper()
	runtimeDir := t.TempDir()
	share := newDirFS(t, runtimeDir, Options{})
	mustBe(t, share.Mkdir("share", 0o755), nil)
	put(t, share, "share/postgres.bki", "bki")
	root := NewMemFS(0)
	mustBe(t, root.Mkdir("tmp", 0o777), nil)
	tree := NewTree(root)
	for at, fs := range map[string]FS{
		"/pg":                newDirFS(t, runtimeDir, Options{ReadOnly: true}),
		"/pgdata":            newDirFS(t, t.TempDir(), Options{}),
		"/dev":               NewDevFS(),
		"/tablespace/fast/1": newDirFS(t, t.TempDir(), Options{}),
	} {
		mustBe(t, tree.Mount(at, fs), nil)
	}
	return tree
}

func list(t testing.TB, tree *Tree, path string) []string {
	t.Helper()
	f, err := tree.OpenFile(path, O_RDONLY|O_DIRECTORY, 0)
	if err != nil {
		t.Fatalf("open %q: %v", path, err)
	}
	defer closeFile(t, f)
	entries, err := f.ReadDir()
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		st, err := tree.Lstat(path + "/" + e.Name)
		if err != nil || st.Ino != e.Ino && runtime.GOOS != "windows" || st.Mode&S_IFMT != e.Type {
			t.Errorf("entry %+v of %q: %+v, %v", e, path, st, err)
		}
	}
	return sortedNames(entries)
}

func TestTreeMountPoints(t *testing.T) {
	t.Parallel()
	tree := guestTree(t)
	for path, want := range map[string]string{
		"/": "dev pg pgdata tablespace tmp", "/tablespace": "fast", "/tablespace/fast": "1",
		"/pg": "share", "/pg/share/": "postgres.bki", "/pgdata": "", "/dev": "full null random urandom zero",
	} {
		if got := strings.Join(list(t, tree, path), " "); got != want {
			t.Errorf("names in %s: %q, want %q", path, got, want)
		}
		st, err := tree.Stat(path)
		if err != nil || !st.IsDir() {
			t.Errorf("Stat(%s) = %+v, %v", path, st, err)
		}
	}
	for _, path := range []string{"/pgdata", "/tablespace/fast/1", "/tablespace", "/tablespace/fast", "/", "/pgdata/"} {
		for what, test := range map[string]struct{ err, want error }{
			"Mkdir":     {tree.Mkdir(path, 0o700), errno.EEXIST},
			"Rmdir":     {tree.Rmdir(path), errno.EBUSY},
			"Unlink":    {tree.Unlink(path), errno.EISDIR},
			"Rename":    {tree.Rename(path, "/tmp/x"), errno.EBUSY},
			"Rename to": {tree.Rename("/tmp", path), errno.EBUSY},
			"Link":      {tree.Link(path, "/tmp/x"), errno.EPERM},
			"Symlink":   {tree.Symlink("x", path), errno.EEXIST},
		} {
			if errno.Of(test.err) != errno.Of(test.want) {
				t.Errorf("%s %s: %v, want %v", what, path, test.err, test.want)
			}
		}
		_, err := tree.Readlink(path)
		mustBe(t, err, errno.EINVAL)
		_, err = tree.OpenFile(path, O_RDWR|O_CREAT, 0o600)
		mustBe(t, err, errno.EISDIR)
		_, err = tree.OpenFile(path, O_RDWR|O_CREAT|O_EXCL, 0o600)
		mustBe(t, err, errno.EEXIST)
	}
}

func TestTreeMountErrors(t *testing.T) {
	t.Parallel()
	tree := guestTree(t)
	mustBe(t, tree.Mount("/pgdata/", NewMemFS(0)), errno.EBUSY)
	mustBe(t, tree.Mount("/", NewMemFS(0)), errno.EINVAL)
	mustBe(t, tree.Mount("relative", NewMemFS(0)), errno.EINVAL)
	mustBe(t, tree.Mount("", NewMemFS(0)), errno.EINVAL)
	mustBe(t, tree.Mount("/a\x00b", NewMemFS(0)), errno.EINVAL)
}

// TestTreeCovers: a mount hides what the file system below has of its name.
func TestTreeCovers(t *testing.T) {
	t.Parallel()
	root := NewMemFS(0)
	mustBe(t, root.Mkdir("d", 0o700), nil)
	put(t, root, "d/hidden", "hidden")
	tree := NewTree(root)
	mustBe(t, tree.Mount("/d", NewMemFS(0)), nil)
	if got := list(t, tree, "/d"); len(got) != 0 {
		t.Errorf("names %q", got)
	}
	if got := list(t, tree, "/"); !slices.Equal(got, []string{"d"}) {
		t.Errorf("names %q", got)
	}
	// a link of the root's own file system must see the mount too
	mustBe(t, tree.Symlink("d/hidden", "/link"), nil)
	_, err := tree.Stat("/link")
	mustBe(t, err, errno.ENOENT)
}

func TestTreePaths(t *testing.T) {
	t.Parallel()
	tree := guestTree(t)
	at := treeFS{tree, "/pgdata/"}
	mustBe(t, at.Mkdir("base", 0o700), nil)
	put(t, at, "base/1", "one")
	mustBe(t, at.Symlink("base", "link"), nil)
	mustBe(t, at.Symlink("/tablespace/fast/1", "spc"), nil)
	tests := []struct {
		path string
		want error
	}{
		{"/pgdata/base/1", nil},
		{"//pgdata///base/./1", nil},
		{"/pgdata/base/../base/1", nil},
		{"/pgdata/link/1", nil},
		{"/pgdata/link/../base/1", nil},
		{"/../../pgdata/base/1", nil},
		{"/pgdata/../pgdata/base/1", nil},
		{"/pg/../pgdata/base/1", nil},
		{"/tablespace/../pgdata/base/1", nil},
		{"/pgdata/base/1/", errno.ENOTDIR},
		{"/pgdata/base/1/.", errno.ENOTDIR},
		{"/pgdata/base/1/..", errno.ENOTDIR},
		{"/pgdata/none/../base/1", errno.ENOENT},
		{"/pgdata/spc/../../../pgdata/base/1", nil}, // ".." of where the link leads
		{"/pgdata/spc/../pgdata/base/1", errno.ENOENT},
		{"pgdata/base/1", errno.EINVAL},
		{"", errno.ENOENT},
		{"/pgdata/base/1\x00", errno.EINVAL},
		{"/" + strings.Repeat("a", 256), errno.ENAMETOOLONG},
		{"/" + strings.Repeat("a/../", 1000), errno.ENAMETOOLONG},
	}
	for _, test := range tests {
		st, err := tree.Stat(test.path)
		if errno.Of(err) != errno.Of(test.want) || err == nil && st.Size != 3 {
			t.Errorf("Stat(%.40q) = size %d, %v; want %v", test.path, st.Size, err, test.want)
		}
	}
	mustBe(t, tree.Mkdir("/pgdata/new/", 0o700), nil)
	mustBe(t, tree.Mkdir("/pgdata/other/.", 0o700), errno.ENOENT)
	mustBe(t, tree.Rename("/pgdata/new/", "/pgdata/other/"), nil)
	_, err := tree.OpenFile("/pgdata/file/", O_RDWR|O_CREAT, 0o600)
	mustBe(t, err, errno.EISDIR)
	mustBe(t, tree.Rmdir("/pgdata/other/"), nil)
}

// TestTreeTablespace does what PostgreSQL does with a tablespace: a link in the
// data directory to an absolute guest path in another mount.
func TestTreeTablespace(t *testing.T) {
	t.Parallel()
	tree := guestTree(t)
	mustBe(t, tree.Mkdir("/pgdata/pg_tblspc", 0o700), nil)
	mustBe(t, tree.Symlink("/tablespace/fast/1", "/pgdata/pg_tblspc/16384"), nil)
	mustBe(t, tree.Mkdir("/pgdata/pg_tblspc/16384/PG_18", 0o700), nil)
	through := treeFS{tree, "/pgdata/pg_tblspc/16384/PG_18/"}
	put(t, through, "1", "tuples")
	if got := get(t, treeFS{tree, "/tablespace/fast/1/PG_18/"}, "1"); got != "tuples" {
		t.Errorf("content %q", got)
	}
	mustBe(t, through.Rename("1", "2"), nil)
	mustBe(t, through.Link("2", "3"), nil)
	mustBe(t, through.Symlink("2", "link"), nil)
	mustBe(t, through.Chmod("link", 0o640), nil)
	mustBe(t, through.Utimes("2", Timespec{1, 0}, Timespec{2, 0}), nil)
	if st, err := through.Stat("link"); err != nil || st.Mode != S_IFREG|0o640 || st.Mtim.Sec != 2 {
		t.Errorf("Stat = %+v, %v", st, err)
	}
	if got := names(t, through, "."); !slices.Equal(got, []string{"2", "3", "link"}) {
		t.Errorf("names %q", got)
	}
	if target, err := tree.Readlink("/pgdata/pg_tblspc/16384"); target != "/tablespace/fast/1" || err != nil {
		t.Errorf("Readlink = %q, %v", target, err)
	}
	mustBe(t, tree.Rename("/pgdata/pg_tblspc/16384/PG_18/2", "/pgdata/2"), errno.EXDEV)
	mustBe(t, tree.Link("/pgdata/pg_tblspc/16384/PG_18/2", "/pgdata/2"), errno.EXDEV)
	mustBe(t, tree.Rename("/pgdata/pg_tblspc/16384/PG_18/none", "/pgdata/2"), errno.ENOENT)
	removeAll(t, treeFS{tree, "/tablespace/fast/1/"}, "PG_18")
	mustBe(t, tree.Unlink("/pgdata/pg_tblspc/16384"), nil)
}

// TestTreeLinkLimits: 40 links are followed, 41 are too many, whoever follows.
func TestTreeLinkLimits(t *testing.T) {
	t.Parallel()
	for _, fs := range []FS{NewMemFS(0), newDirFS(t, t.TempDir(), Options{}), newRootedDirFS(t)} {
		for _, prefix := range []string{"", "/mnt/"} {
			tree := NewTree(NewMemFS(0))
			mustBe(t, tree.Mount("/mnt", fs), nil)
			at := treeFS{tree, "/mnt/"}
			put(t, at, "l0", "end")
			for i := range 41 {
				mustBe(t, at.Symlink(fmt.Sprint(prefix, "l", i), fmt.Sprint("l", i+1)), nil)
			}
			if got := get(t, at, "l40"); got != "end" {
				t.Errorf("content %q", got)
			}
			_, err := at.Stat("l41")
			mustBe(t, err, errno.ELOOP)
			for i := range 42 {
				mustBe(t, at.Unlink(fmt.Sprint("l", i)), nil)
			}
		}
	}
}

func TestTreeReadOnlyRuntime(t *testing.T) {
	t.Parallel()
	tree := guestTree(t)
	_, err := tree.OpenFile("/pg/share/new", O_RDWR|O_CREAT, 0o600)
	mustBe(t, err, errno.EROFS)
	mustBe(t, tree.Unlink("/pg/share/postgres.bki"), errno.EROFS)
	mustBe(t, tree.Rename("/pg/share/postgres.bki", "/pg/x"), errno.EROFS)
}
