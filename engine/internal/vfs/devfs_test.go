package vfs

import (
	"bytes"
	"testing"

	"github.com/pglite-toolbox/pglite/engine/internal/errno"
)

func TestDevices(t *testing.T) {
	t.Parallel()
	fs := NewDevFS()
	tests := []struct {
		name       string
		n          int
		zeros      bool
		writeError error
	}{
		{"null", 0, true, nil},
		{"zero", 100, true, nil},
		{"full", 100, true, errno.ENOSPC},
		{"random", 100, false, nil},
		{"urandom", 100, false, nil},
	}
	for _, test := range tests {
		f := open(t, fs, test.name, O_RDWR|O_CREAT|O_TRUNC)
		s, ok := f.(Stream)
		if !ok {
			t.Fatalf("%s is no Stream", test.name)
		}
		p := bytes.Repeat([]byte{1}, 100)
		n, err := s.Read(p)
		if n != test.n || err != nil {
			t.Errorf("read %s: %d, %v", test.name, n, err)
		}
		if got := bytes.Count(p[:n], []byte{0}) == n; got != test.zeros {
			t.Errorf("read %s: %v", test.name, p)
		}
		n, err = s.Write(p)
		mustBe(t, err, test.writeError)
		if err == nil && n != len(p) {
			t.Errorf("write %s: %d", test.name, n)
		}
		st, err := f.Stat()
		mustBe(t, err, nil)
		byName, err := fs.Stat(test.name)
		mustBe(t, err, nil)
		if st != byName || st.Mode != S_IFCHR|0o666 || st.Rdev>>8 != 1 {
			t.Errorf("Stat of %s: %+v, %+v", test.name, st, byName)
		}
		mustBe(t, f.Sync(), errno.EINVAL)
		closeFile(t, f)
		mustBe(t, f.Close(), errno.EBADF)
		_, err = s.Read(p)
		mustBe(t, err, errno.EBADF)
	}
	if got := names(t, fs, "."); len(got) != len(tests) {
		t.Errorf("names %q", got)
	}
}

func TestDeviceNames(t *testing.T) {
	t.Parallel()
	fs := NewDevFS()
	mustBe(t, fs.Unlink("null"), errno.EPERM)
	mustBe(t, fs.Unlink("none"), errno.ENOENT)
	mustBe(t, fs.Mkdir("null", 0o700), errno.EEXIST)
	mustBe(t, fs.Mkdir("new", 0o700), errno.EACCES)
	mustBe(t, fs.Mkdir("null/new", 0o700), errno.ENOTDIR)
	mustBe(t, fs.Rename("null", "zero"), errno.EPERM)
	for flag, want := range map[int]error{
		O_RDONLY: errno.ENOENT, O_RDWR | O_CREAT: errno.EACCES,
	} {
		_, err := fs.OpenFile("new", flag, 0o600)
		mustBe(t, err, want)
	}
	_, err := fs.OpenFile("null", O_RDWR|O_CREAT|O_EXCL, 0o600)
	mustBe(t, err, errno.EEXIST)
	_, err = fs.OpenFile(".", O_RDWR, 0)
	mustBe(t, err, errno.EISDIR)
	f := open(t, fs, "zero", O_WRONLY)
	_, err = f.ReadAt(make([]byte, 1), 0)
	mustBe(t, err, errno.EBADF)
	closeFile(t, f)
}
