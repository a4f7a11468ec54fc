package vfs

import (
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/pglite-toolbox/pglite/engine/internal/errno"
)

func sortedNames(entries []DirEntry) []string {
	var list []string
	for _, e := range entries {
		list = append(list, e.Name)
	}
	slices.Sort(list)
	return list
}

// TestOpenFlags tries each way to open a file that is there, one that is missing,
// a directory and links.
func TestOpenFlags(t *testing.T) {
	t.Parallel()
	tests := []struct {
		flag                                    int
		file, missing, dir, link, broken, below error
	}{
		{O_RDONLY, nil, errno.ENOENT, nil, nil, errno.ENOENT, errno.ENOTDIR},
		{O_WRONLY, nil, errno.ENOENT, errno.EISDIR, nil, errno.ENOENT, errno.ENOTDIR},
		{O_RDWR, nil, errno.ENOENT, errno.EISDIR, nil, errno.ENOENT, errno.ENOTDIR},
		{O_RDWR | O_CREAT, nil, nil, errno.EISDIR, nil, nil, errno.ENOTDIR},
		{O_RDONLY | O_CREAT, nil, nil, errno.EISDIR, nil, nil, errno.ENOTDIR},
		{O_RDWR | O_CREAT | O_EXCL, errno.EEXIST, nil, errno.EEXIST, errno.EEXIST, errno.EEXIST, errno.ENOTDIR},
		{O_RDWR | O_TRUNC, nil, errno.ENOENT, errno.EISDIR, nil, errno.ENOENT, errno.ENOTDIR},
		{O_WRONLY | O_CREAT | O_TRUNC, nil, nil, errno.EISDIR, nil, nil, errno.ENOTDIR},
		{O_WRONLY | O_APPEND, nil, errno.ENOENT, errno.EISDIR, nil, errno.ENOENT, errno.ENOTDIR},
		{O_RDONLY | O_DIRECTORY, errno.ENOTDIR, errno.ENOENT, nil, errno.ENOTDIR, errno.ENOENT, errno.ENOTDIR},
		{O_RDONLY | O_NOFOLLOW, nil, errno.ENOENT, nil, errno.ELOOP, errno.ELOOP, errno.ENOTDIR},
		{O_RDWR | O_NOFOLLOW, nil, errno.ENOENT, errno.EISDIR, errno.ELOOP, errno.ELOOP, errno.ENOTDIR},
		{O_RDONLY | O_CLOEXEC | O_NONBLOCK, nil, errno.ENOENT, nil, nil, errno.ENOENT, errno.ENOTDIR},
		{O_RDWR | O_SYNC, nil, errno.ENOENT, errno.EISDIR, nil, errno.ENOENT, errno.ENOTDIR},
		{O_RDWR | O_DSYNC, nil, errno.ENOENT, errno.EISDIR, nil, errno.ENOENT, errno.ENOTDIR},
	}
	onAll(t, func(t *testing.T, fs FS) {
		for _, test := range tests {
			mustBe(t, fs.Mkdir("d", 0o700), nil)
			put(t, fs, "d/file", "content")
			mustBe(t, fs.Mkdir("d/dir", 0o700), nil)
			mustBe(t, fs.Symlink("file", "d/link"), nil)
			mustBe(t, fs.Symlink("nothing", "d/broken"), nil)
			for _, sub := range []struct {
				name string
				want error
			}{
				{"d/file", test.file},
				{"d/missing", test.missing},
				{"d/dir", test.dir},
				{"d/link", test.link},
				{"d/broken", test.broken},
				{"d/file/below", test.below},
			} {
				f, err := fs.OpenFile(sub.name, test.flag, 0o600)
				if errno.Of(err) != errno.Of(sub.want) {
					t.Errorf("open %s with %#o: %v, want %v", sub.name, test.flag, err, sub.want)
				}
				if err == nil {
					closeFile(t, f)
				}
			}
			removeAll(t, fs, "d")
		}
	})
}

func removeAll(t *testing.T, fs FS, name string) {
	t.Helper()
	for _, child := range names(t, fs, name) {
		child = name + "/" + child
		if st, err := fs.Lstat(child); err != nil {
			t.Fatal(err)
		} else if st.IsDir() {
			removeAll(t, fs, child)
		} else {
			mustBe(t, fs.Unlink(child), nil)
		}
	}
	mustBe(t, fs.Rmdir(name), nil)
}

func TestTruncateOnOpen(t *testing.T) {
	t.Parallel()
	onAll(t, func(t *testing.T, fs FS) {
		put(t, fs, "f", "content")
		f := open(t, fs, "f", O_RDWR|O_TRUNC)
		defer closeFile(t, f)
		if got := contentOf(t, f); got != "" {
			t.Errorf("content %q after O_TRUNC", got)
		}
	})
}

// TestAccessMode checks that a file can only be used as it was opened.
func TestAccessMode(t *testing.T) {
	t.Parallel()
	onAll(t, func(t *testing.T, fs FS) {
		put(t, fs, "f", "content")
		p := make([]byte, 3)
		r := open(t, fs, "f", O_RDONLY)
		defer closeFile(t, r)
		_, err := r.WriteAt(p, 0)
		mustBe(t, err, errno.EBADF)
		mustBe(t, r.Truncate(0), errno.EINVAL)
		mustBe(t, r.Allocate(0, 100), errno.EBADF)
		w := open(t, fs, "f", O_WRONLY)
		defer closeFile(t, w)
		_, err = w.ReadAt(p, 0)
		mustBe(t, err, errno.EBADF)
		_, err = w.WriteAt(p, -1)
		mustBe(t, err, errno.EINVAL)
		_, err = r.ReadAt(p, -1)
		mustBe(t, err, errno.EINVAL)
		_, err = r.ReadDir()
		mustBe(t, err, errno.ENOTDIR)
	})
}

func TestDirectoryAsFile(t *testing.T) {
	t.Parallel()
	onAll(t, func(t *testing.T, fs FS) {
		d := open(t, fs, ".", O_RDONLY)
		defer closeFile(t, d)
		_, err := d.ReadAt(make([]byte, 8), 0)
		mustBe(t, err, errno.EISDIR)
		st, err := d.Stat()
		mustBe(t, err, nil)
		if !st.IsDir() {
			t.Errorf("mode %o of the root", st.Mode)
		}
		mustBe(t, d.Sync(), nil)
		mustBe(t, d.Datasync(), nil)
	})
}

func TestClosed(t *testing.T) {
	t.Parallel()
	onAll(t, func(t *testing.T, fs FS) {
		f := open(t, fs, "f", O_RDWR|O_CREAT)
		closeFile(t, f)
		p := make([]byte, 1)
		for what, call := range map[string]func() error{
			"ReadAt":   func() error { _, err := f.ReadAt(p, 0); return err },
			"WriteAt":  func() error { _, err := f.WriteAt(p, 0); return err },
			"Append":   func() error { _, err := f.Append(p); return err },
			"Size":     func() error { _, err := f.Size(); return err },
			"Stat":     func() error { _, err := f.Stat(); return err },
			"ReadDir":  func() error { _, err := f.ReadDir(); return err },
			"Truncate": func() error { return f.Truncate(0) },
			"Sync":     f.Sync,
			"Datasync": f.Datasync,
			"Allocate": func() error { return f.Allocate(0, 1) },
			"Advise":   func() error { return f.Advise(0, 0, POSIX_FADV_DONTNEED) },
			"Chmod":    func() error { return f.Chmod(0o600) },
			"Utimes":   func() error { return f.Utimes(Timespec{}, Timespec{}) },
			"Close":    f.Close,
		} {
			if err := call(); errno.Of(err) != errno.EBADF {
				t.Errorf("%s of a closed file: %v, want EBADF", what, err)
			}
		}
	})
}

func TestBadNames(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("n", 256)
	tests := []struct {
		name string
		want error
	}{
		{"", errno.ENOENT},
		{"a\x00b", errno.EINVAL},
		{long, errno.ENAMETOOLONG},
		{"d/" + long, errno.ENAMETOOLONG},
		{strings.Repeat("d/", 2500) + "d", errno.ENAMETOOLONG},
		{"../x", errno.EINVAL},
		{"d/../x", errno.EINVAL},
		{"./x", errno.EINVAL},
		{"d//x", errno.EINVAL},
		{"d/", errno.EINVAL},
	}
	onAll(t, func(t *testing.T, fs FS) {
		put(t, fs, "file", "")
		mustBe(t, fs.Mkdir("d", 0o700), nil)
		for _, test := range tests {
			_, openErr := fs.OpenFile(test.name, O_RDWR|O_CREAT, 0o600)
			_, statErr := fs.Stat(test.name)
			_, lstatErr := fs.Lstat(test.name)
			_, readErr := fs.Readlink(test.name)
			for what, err := range map[string]error{
				"OpenFile": openErr, "Stat": statErr, "Lstat": lstatErr, "Readlink": readErr,
				"Mkdir": fs.Mkdir(test.name, 0o700), "Unlink": fs.Unlink(test.name), "Rmdir": fs.Rmdir(test.name),
				"Rename": fs.Rename("file", test.name), "Rename from": fs.Rename(test.name, "other"),
				"Link": fs.Link("file", test.name), "Symlink": fs.Symlink("file", test.name),
				"Chmod": fs.Chmod(test.name, 0o600), "Utimes": fs.Utimes(test.name, Timespec{}, Timespec{}),
			} {
				if errno.Of(err) != errno.Of(test.want) {
					t.Errorf("%s of %.20q: %v, want %v", what, test.name, err, test.want)
				}
			}
		}
		put(t, fs, strings.Repeat("n", 255), "")
	})
}

func TestRoot(t *testing.T) {
	t.Parallel()
	for _, s := range subjects(t)[:3] {
		mustBe(t, s.Mkdir(".", 0o700), errno.EEXIST)
		mustBe(t, s.Unlink("."), errno.EISDIR)
		mustBe(t, s.Rmdir("."), errno.EBUSY)
		mustBe(t, s.Rename(".", "x"), errno.EBUSY)
		mustBe(t, s.Mkdir("d", 0o700), nil)
		mustBe(t, s.Rename("d", "."), errno.EBUSY)
		mustBe(t, s.Link(".", "x"), errno.EPERM)
		mustBe(t, s.Symlink("x", "."), errno.EEXIST)
		_, err := s.Readlink(".")
		mustBe(t, err, errno.EINVAL)
	}
}

func TestStat(t *testing.T) {
	t.Parallel()
	onAll(t, func(t *testing.T, fs FS) {
		put(t, fs, "f", "12345")
		mustBe(t, fs.Mkdir("d", 0o700), nil)
		mustBe(t, fs.Symlink("f", "l"), nil)
		for _, test := range []struct {
			name        string
			stat, lstat uint32
			size        int64
		}{
			{"f", S_IFREG | 0o600, S_IFREG | 0o600, 5},
			{"d", S_IFDIR | 0o700, S_IFDIR | 0o700, -1},
			{"l", S_IFREG | 0o600, S_IFLNK | 0o777, 5},
		} {
			st, err := fs.Stat(test.name)
			mustBe(t, err, nil)
			if st.Mode != test.stat || st.UID != 1000 || st.GID != 1000 || st.Ino == 0 || st.Nlink == 0 || st.Blksize == 0 {
				t.Errorf("Stat(%s) = %+v, want mode %o", test.name, st, test.stat)
			}
			if test.size >= 0 && st.Size != test.size {
				t.Errorf("Stat(%s): size %d, want %d", test.name, st.Size, test.size)
			}
			lst, err := fs.Lstat(test.name)
			mustBe(t, err, nil)
			if lst.Mode != test.lstat {
				t.Errorf("Lstat(%s): mode %o, want %o", test.name, lst.Mode, test.lstat)
			}
			f := open(t, fs, test.name, O_RDONLY)
			fst, err := f.Stat()
			mustBe(t, err, nil)
			if fst.Ino != st.Ino || fst.Dev != st.Dev || fst.Mode != st.Mode || fst.Mtim != st.Mtim {
				t.Errorf("%s: Stat %+v, File.Stat %+v", test.name, st, fst)
			}
			closeFile(t, f)
		}
	})
}

func TestChmod(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no modes")
	}
	onAll(t, func(t *testing.T, fs FS) {
		put(t, fs, "f", "")
		mustBe(t, fs.Symlink("f", "l"), nil)
		mode := func() uint32 {
			st, err := fs.Stat("f")
			mustBe(t, err, nil)
			return st.Mode
		}
		mustBe(t, fs.Chmod("l", 0o6640), nil) // no set-user-ID bits on the host
		if got := mode(); got != S_IFREG|0o640 {
			t.Errorf("mode %o after Chmod", got)
		}
		f := open(t, fs, "f", O_RDWR)
		defer closeFile(t, f)
		mustBe(t, f.Chmod(0o600), nil)
		if got := mode(); got != S_IFREG|0o600 {
			t.Errorf("mode %o after File.Chmod", got)
		}
		mustBe(t, fs.Chmod("none", 0o600), errno.ENOENT)
	})
}

func TestUtimes(t *testing.T) {
	t.Parallel()
	onAll(t, func(t *testing.T, fs FS) {
		put(t, fs, "f", "")
		f := open(t, fs, "f", O_RDWR)
		defer closeFile(t, f)
		omit, now := Timespec{Nsec: UTIME_OMIT}, Timespec{Nsec: UTIME_NOW}
		a, m := Timespec{1_000_000_000, 1000}, Timespec{5_000_000_000, 2000} // beyond 2038
		for what, utimes := range map[string]func(a, m Timespec) error{
			"FS":   func(a, m Timespec) error { return fs.Utimes("f", a, m) },
			"File": f.Utimes,
		} {
			check := func(atim, mtim Timespec) {
				t.Helper()
				st, err := fs.Stat("f")
				mustBe(t, err, nil)
				if atim != (Timespec{}) && st.Atim != atim || st.Mtim != mtim {
					t.Errorf("%s.Utimes: times %v %v, want %v %v", what, st.Atim, st.Mtim, atim, mtim)
				}
			}
			mustBe(t, utimes(a, m), nil)
			check(a, m)
			mustBe(t, utimes(omit, a), nil)
			check(a, a)
			mustBe(t, utimes(m, omit), nil)
			check(m, a)
			mustBe(t, utimes(now, m), nil)
			check(Timespec{}, m)
			if st, err := fs.Stat("f"); err != nil || st.Atim.Sec < 1_700_000_000 || st.Atim == m {
				t.Errorf("%s.Utimes: UTIME_NOW gave %v, %v", what, st.Atim, err)
			}
			mustBe(t, utimes(Timespec{Nsec: 1e9}, m), errno.EINVAL)
			mustBe(t, utimes(m, Timespec{Nsec: -1}), errno.EINVAL)
		}
		mustBe(t, fs.Utimes("none", a, m), errno.ENOENT)
	})
}
