package vfs

import (
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/pglite-toolbox/pglite/engine/internal/errno"
)

func TestUnlinkWhileOpen(t *testing.T) {
	t.Parallel()
	onAll(t, func(t *testing.T, fs FS) {
		put(t, fs, "f", "old")
		f := open(t, fs, "f", O_RDWR)
		mustBe(t, fs.Unlink("f"), nil)
		_, err := fs.Stat("f")
		mustBe(t, err, errno.ENOENT)
		put(t, fs, "f", "new")
		if got := contentOf(t, f); got != "old" {
			t.Errorf("unlinked file has %q", got)
		}
		if _, err := f.WriteAt([]byte("er"), 3); err != nil {
			t.Fatal(err)
		}
		if got := contentOf(t, f); got != "older" {
			t.Errorf("unlinked file has %q after a write", got)
		}
		st, err := f.Stat()
		mustBe(t, err, nil)
		if st.Nlink != 0 {
			t.Errorf("%d links of an unlinked file", st.Nlink)
		}
		closeFile(t, f)
		if got := get(t, fs, "f"); got != "new" {
			t.Errorf("new file has %q", got)
		}
	})
}

func TestUnlinkErrors(t *testing.T) {
	t.Parallel()
	onAll(t, func(t *testing.T, fs FS) {
		mustBe(t, fs.Mkdir("d", 0o700), nil)
		put(t, fs, "d/f", "")
		mustBe(t, fs.Unlink("none"), errno.ENOENT)
		mustBe(t, fs.Unlink("none/f"), errno.ENOENT)
		mustBe(t, fs.Unlink("d/f/g"), errno.ENOTDIR)
		mustBe(t, fs.Unlink("d"), errno.EISDIR)
		mustBe(t, fs.Rmdir("none"), errno.ENOENT)
		mustBe(t, fs.Rmdir("d/f"), errno.ENOTDIR)
		mustBe(t, fs.Rmdir("d"), errno.ENOTEMPTY)
		mustBe(t, fs.Mkdir("d", 0o700), errno.EEXIST)
		mustBe(t, fs.Mkdir("d/f", 0o700), errno.EEXIST)
		mustBe(t, fs.Mkdir("d/f/g", 0o700), errno.ENOTDIR)
		mustBe(t, fs.Mkdir("none/d", 0o700), errno.ENOENT)
		mustBe(t, fs.Unlink("d/f"), nil)
		mustBe(t, fs.Rmdir("d"), nil)
	})
}

func TestRemovedDirectory(t *testing.T) {
	t.Parallel()
	onAll(t, func(t *testing.T, fs FS) {
		mustBe(t, fs.Mkdir("d", 0o700), nil)
		d := open(t, fs, "d", O_RDONLY|O_DIRECTORY)
		defer closeFile(t, d)
		mustBe(t, fs.Rmdir("d"), nil)
		entries, err := d.ReadDir()
		if len(entries) != 0 || err != nil && errno.Of(err) != errno.ENOENT {
			t.Errorf("removed directory: %v, %v", entries, err)
		}
		_, err = fs.OpenFile("d/f", O_CREAT|O_RDWR, 0o600)
		mustBe(t, err, errno.ENOENT)
	})
}

func TestRenameOverOpenFile(t *testing.T) {
	t.Parallel()
	onAll(t, func(t *testing.T, fs FS) {
		put(t, fs, "old", "old")
		put(t, fs, "new", "new")
		replaced, moved := open(t, fs, "old", O_RDWR), open(t, fs, "new", O_RDWR)
		defer closeFile(t, replaced)
		defer closeFile(t, moved)
		mustBe(t, fs.Rename("new", "old"), nil)
		if got := contentOf(t, replaced); got != "old" {
			t.Errorf("replaced file has %q", got)
		}
		if got := contentOf(t, moved) + get(t, fs, "old"); got != "newnew" {
			t.Errorf("moved file has %q", got)
		}
		if got := names(t, fs, "."); !slices.Equal(got, []string{"old"}) {
			t.Errorf("names %q", got)
		}
	})
}

func TestRename(t *testing.T) {
	t.Parallel()
	tests := []struct {
		from, to string
		want     error
	}{
		{"file", "other", nil},
		{"file", "fresh", nil},
		{"file", "file", nil},
		{"file", "second", nil}, // two names of one file: nothing happens
		{"link", "fresh", nil},
		{"broken", "file", nil},
		{"file", "empty/fresh", nil},
		{"empty", "fresh", nil},
		{"full", "empty", nil},
		{"empty", "full/moved", nil},
		{"none", "fresh", errno.ENOENT},
		{"file", "none/fresh", errno.ENOENT},
		{"file", "empty", errno.EISDIR},
		{"empty", "file", errno.ENOTDIR},
		{"empty", "full", errno.ENOTEMPTY},
		{"full", "full/below", errno.EINVAL},
		{"full", "full/sub/below", errno.EINVAL},
		{"full/sub", "full", errno.ENOTEMPTY},
		{"file", "file/below", errno.ENOTDIR},
		{"file/below", "fresh", errno.ENOTDIR},
	}
	onAll(t, func(t *testing.T, fs FS) {
		for _, test := range tests {
			mustBe(t, fs.Mkdir("d", 0o700), nil)
			for _, dir := range []string{"d/empty", "d/full", "d/full/sub"} {
				mustBe(t, fs.Mkdir(dir, 0o700), nil)
			}
			put(t, fs, "d/file", "file")
			put(t, fs, "d/other", "other")
			mustBe(t, fs.Link("d/file", "d/second"), nil)
			mustBe(t, fs.Symlink("file", "d/link"), nil)
			mustBe(t, fs.Symlink("nothing", "d/broken"), nil)
			before, _ := fs.Lstat("d/" + test.from)
			err := fs.Rename("d/"+test.from, "d/"+test.to)
			if errno.Of(err) != errno.Of(test.want) {
				t.Errorf("rename %s to %s: %v, want %v", test.from, test.to, err, test.want)
			}
			if after, _ := fs.Lstat("d/" + test.to); err == nil && after.Ino != before.Ino {
				t.Errorf("rename %s to %s: inode %d, was %d", test.from, test.to, after.Ino, before.Ino)
			}
			removeAll(t, fs, "d")
		}
	})
}

func TestHardLink(t *testing.T) {
	t.Parallel()
	onAll(t, func(t *testing.T, fs FS) {
		put(t, fs, "a", "content")
		mustBe(t, fs.Mkdir("d", 0o700), nil)
		mustBe(t, fs.Link("a", "b"), nil)
		mustBe(t, fs.Link("a", "b"), errno.EEXIST)
		mustBe(t, fs.Link("none", "c"), errno.ENOENT)
		mustBe(t, fs.Link("d", "c"), errno.EPERM)
		links := func(name string) uint32 {
			st, err := fs.Stat(name)
			mustBe(t, err, nil)
			return st.Nlink
		}
		if n := links("a"); n != 2 {
			t.Errorf("%d links, want 2", n)
		}
		mustBe(t, fs.Unlink("a"), nil)
		if got := get(t, fs, "b"); got != "content" || links("b") != 1 {
			t.Errorf("content %q, %d links", got, links("b"))
		}
	})
}

// TestExclusive lets eight goroutines make one file; one must win each time.
func TestExclusive(t *testing.T) {
	t.Parallel()
	onAll(t, func(t *testing.T, fs FS) {
		for round := range 30 {
			name := fmt.Sprint("f", round)
			var won atomic.Int32
			var wg sync.WaitGroup
			for range 8 {
				wg.Go(func() {
					f, err := fs.OpenFile(name, O_RDWR|O_CREAT|O_EXCL, 0o600)
					switch {
					case err == nil:
						won.Add(1)
						if err := f.Close(); err != nil {
							t.Error(err)
						}
					case errno.Of(err) != errno.EEXIST:
						t.Error(err)
					}
				})
			}
			wg.Wait()
			if won.Load() != 1 {
				t.Fatalf("%d goroutines made the file", won.Load())
			}
		}
	})
}

// TestNameRace makes, renames, links and removes the same names from many
// goroutines. Errors are to be expected, wrong ones not.
func TestNameRace(t *testing.T) {
	t.Parallel()
	onAll(t, func(t *testing.T, fs FS) {
		var wg sync.WaitGroup
		for w := range 6 {
			wg.Go(func() {
				for i := range 60 {
					a, b := fmt.Sprint("n", (w+i)%4), fmt.Sprint("n", i%4)
					f, err := fs.OpenFile(a, O_RDWR|O_CREAT, 0o600)
					if err == nil {
						err = f.Close()
					}
					for _, err := range []error{err, fs.Rename(a, b), fs.Link(b, a), fs.Unlink(a)} {
						if n := errno.Of(err); n != 0 && n != errno.ENOENT && n != errno.EEXIST {
							t.Error(err)
						}
					}
				}
			})
		}
		wg.Wait()
	})
}

func TestReadDir(t *testing.T) {
	t.Parallel()
	onAll(t, func(t *testing.T, fs FS) {
		var want []string
		for i := range 500 { // more than one system call's worth
			name := fmt.Sprintf("file-with-a-rather-long-name-%04d", i)
			put(t, fs, name, "")
			want = append(want, name)
		}
		mustBe(t, fs.Mkdir("z-dir", 0o700), nil)
		mustBe(t, fs.Symlink("x", "z-link"), nil)
		want = append(want, "z-dir", "z-link")
		d := open(t, fs, ".", O_RDONLY|O_DIRECTORY)
		defer closeFile(t, d)
		for range 2 { // each time from the start
			entries, err := d.ReadDir()
			mustBe(t, err, nil)
			if got := sortedNames(entries); !slices.Equal(got, want) {
				t.Fatalf("%d names, want %d", len(got), len(want))
			}
			for _, e := range entries {
				st, err := fs.Lstat(e.Name)
				mustBe(t, err, nil)
				if e.Ino != st.Ino && runtime.GOOS != "windows" || e.Type != st.Mode&S_IFMT {
					t.Fatalf("entry %+v, Lstat %+v", e, st)
				}
			}
		}
	})
}

func TestSymlink(t *testing.T) {
	t.Parallel()
	onAll(t, func(t *testing.T, fs FS) {
		mustBe(t, fs.Mkdir("d", 0o700), nil)
		mustBe(t, fs.Mkdir("d/e", 0o700), nil)
		put(t, fs, "d/f", "content")
		mustBe(t, fs.Symlink("d/f", "to-file"), nil)
		mustBe(t, fs.Symlink("d/e", "to-dir"), nil)
		mustBe(t, fs.Symlink("../f", "d/e/up"), nil)
		mustBe(t, fs.Symlink("to-dir/up", "chain"), nil)
		mustBe(t, fs.Symlink("d/made", "to-missing"), nil)
		mustBe(t, fs.Symlink("x", "to-file"), errno.EEXIST)
		mustBe(t, fs.Symlink("", "empty"), errno.ENOENT)
		for _, name := range []string{"to-file", "to-dir/up", "d/e/up", "chain"} {
			if got := get(t, fs, name); got != "content" {
				t.Errorf("%s has %q", name, got)
			}
		}
		put(t, fs, "to-missing", "made")
		if got := get(t, fs, "d/made"); got != "made" {
			t.Errorf("file made through a link has %q", got)
		}
		if target, err := fs.Readlink("d/e/up"); target != "../f" || err != nil {
			t.Errorf("Readlink = %q, %v", target, err)
		}
		_, err := fs.Readlink("d/f")
		mustBe(t, err, errno.EINVAL)
		_, err = fs.Readlink("none")
		mustBe(t, err, errno.ENOENT)
		mustBe(t, fs.Rmdir("to-dir"), errno.ENOTDIR)
		mustBe(t, fs.Unlink("to-dir"), nil)
		_, err = fs.Stat("d/e")
		mustBe(t, err, nil)
	})
}

func TestSymlinkLoops(t *testing.T) {
	t.Parallel()
	onAll(t, func(t *testing.T, fs FS) {
		mustBe(t, fs.Symlink("self", "self"), nil)
		mustBe(t, fs.Symlink("b", "a"), nil)
		mustBe(t, fs.Symlink("a", "b"), nil)
		for _, name := range []string{"self", "a", "a/below"} {
			_, err := fs.Stat(name)
			mustBe(t, err, errno.ELOOP)
			_, err = fs.OpenFile(name, O_RDWR|O_CREAT, 0o600)
			mustBe(t, err, errno.ELOOP)
		}
		_, err := fs.Lstat("self")
		mustBe(t, err, nil)
		mustBe(t, fs.Unlink("self"), nil)
	})
}
