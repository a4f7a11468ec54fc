package vfs

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pglite-toolbox/pglite/engine/internal/errno"
)

// watchedFS fails the test when it is asked for a name that could lead out.
type watchedFS struct {
	FS
	t testing.TB
}

func (w watchedFS) check(name string) {
	if err := checkName(name); errno.Of(err) == errno.EINVAL || errno.Of(err) == errno.ENOENT {
		w.t.Errorf("the file system was asked for %q", name)
	}
}

func (w watchedFS) Stat(name string) (Stat, error) { w.check(name); return w.FS.Stat(name) }

func (w watchedFS) Lstat(name string) (Stat, error) { w.check(name); return w.FS.Lstat(name) }

func (w watchedFS) Readlink(name string) (string, error) { w.check(name); return w.FS.Readlink(name) }

func (w watchedFS) OpenFile(name string, flag int, perm uint32) (File, error) {
	w.check(name)
	return w.FS.OpenFile(name, flag, perm)
}

// fuzzTree mounts a file system with known files; each file's length is its name.
func fuzzTree(f testing.TB, data FS, crowded bool) *Tree {
	root := NewMemFS(0)
	tree := NewTree(watchedFS{root, f})
	for _, d := range []string{"d", "d/e"} {
		mustBe(f, root.Mkdir(d, 0o755), nil)
		mustBe(f, data.Mkdir(d, 0o755), nil)
	}
	for i, name := range []string{"f", "d/f", "d/e/f"} {
		put(f, root, name, strings.Repeat("r", i+1))
		put(f, data, name, strings.Repeat("d", i+10))
	}
	for name, target := range map[string]string{
		"up": "..", "abs": "/data/d", "rel": "d/e", "d/back": "../../d/f", "loop": "loop", "slash": "d/",
	} {
		mustBe(f, data.Symlink(target, name), nil)
	}
	mustBe(f, tree.Mount("/data", watchedFS{data, f}), nil)
	if crowded {
		mustBe(f, tree.Mount("/data/under/neath", NewMemFS(0)), nil)
	}
	return tree
}

// FuzzTree resolves a path over a link with any target. All kinds of file systems
// have to agree, whether the Tree asks them directly or walks, and nothing outside
// of them may be seen: each file is known by its size.
func FuzzTree(f *testing.F) {
	for _, path := range []string{
		"/data/link", "/data/link/f", "/data/d/../link/..", "/link", "/data/./d//f", "/data/up/data/abs/e/f",
		"/data/link/../../../../etc/passwd", "/data/rel/../f/", "/data/loop/x", "/data/slash/f", "/..", "",
	} {
		for _, target := range []string{
			"f", "d", "d/e/", "/", "/data/d", "..", "../..", "../../../../../../etc/passwd", "/etc/passwd", "link",
			"../data/link/x", "abs/../rel", "./d/./f", "\x00", "/data/under/../f", "//",
		} {
			f.Add(path, target)
		}
	}
	top := f.TempDir()
	for _, d := range []string{"one", "two", "three"} {
		if err := os.Mkdir(filepath.Join(top, d), 0o700); err != nil {
			f.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(top, "f"), make([]byte, 4711), 0o600); err != nil {
		f.Fatal(err)
	}
	rooted := newDirFS(f, filepath.Join(top, "two"), Options{})
	rooted.beneath = false
	trees := []*Tree{
		fuzzTree(f, NewMemFS(0), false),
		fuzzTree(f, NewMemFS(0), true),
		fuzzTree(f, newDirFS(f, filepath.Join(top, "one"), Options{}), false),
		fuzzTree(f, rooted, false),
		fuzzTree(f, newDirFS(f, filepath.Join(top, "three"), Options{}), true),
	}
	f.Fuzz(func(t *testing.T, path, target string) {
		if strings.Contains(path+target, "under") || len(path)+len(target) > 3000 {
			return // only in the crowded ones; the limit depends on who resolves
		}
		var first seen
		for i, tree := range trees {
			got := look(t, tree, path, target)
			if i == 0 {
				first = got
			}
			if got != first {
				t.Errorf("path %q, link to %q: tree %d sees %+v, tree 0 %+v", path, target, i, got, first)
			}
		}
	})
}

// seen is what one lookup of each kind found.
type seen struct {
	symlink, stat, lstat, open errno.Errno
	kind, lkind                uint32
	size                       int64
}

func look(t *testing.T, tree *Tree, path, target string) seen {
	t.Helper()
	s := seen{symlink: errno.Of(tree.Symlink(target, "/data/link"))}
	if s.symlink == 0 {
		defer func() { mustBe(t, tree.Unlink("/data/link"), nil) }()
	}
	st, err := tree.Stat(path)
	s.stat, s.kind = errno.Of(err), st.Mode&S_IFMT
	if st.IsRegular() {
		s.size = st.Size
		if known := st.Size >= 1 && st.Size <= 3 || st.Size >= 10 && st.Size <= 12; !known {
			t.Errorf("path %q, link to %q: led to an unknown file of %d bytes", path, target, st.Size)
		}
	}
	lst, err := tree.Lstat(path)
	s.lstat, s.lkind = errno.Of(err), lst.Mode&S_IFMT
	file, err := tree.OpenFile(path, O_RDONLY, 0)
	s.open = errno.Of(err)
	if err == nil {
		fst, err := file.Stat()
		if err != nil || fst.Ino != st.Ino || fst.Dev != st.Dev {
			t.Errorf("path %q, link to %q: opened %+v, %v; Stat says %+v", path, target, fst, err, st)
		}
		closeFile(t, file)
	}
	return s
}
