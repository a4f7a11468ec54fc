package vfs

import (
	"bytes"
	"fmt"
	"sync"
	"testing"

	"github.com/pglite-toolbox/pglite/engine/internal/errno"
)

func TestMemFSLimit(t *testing.T) {
	t.Parallel()
	m := NewMemFS(10 * blockSize)
	f := open(t, m, "f", O_RDWR|O_CREAT)
	p := bytes.Repeat([]byte{'x'}, 12*blockSize)
	n, err := f.WriteAt(p, 0)
	mustBe(t, err, errno.ENOSPC)
	if n != 10*blockSize {
		t.Errorf("%d bytes written", n)
	}
	if _, err := f.WriteAt(p[:10*blockSize], 0); err != nil { // no new block needed
		t.Error(err)
	}
	n, err = f.Append(p[:1])
	mustBe(t, err, errno.ENOSPC)
	if n != 0 {
		t.Errorf("%d bytes appended", n)
	}
	mustBe(t, f.Truncate(5*blockSize), nil)
	mustBe(t, f.Allocate(0, 10*blockSize), nil)
	mustBe(t, f.Allocate(0, 11*blockSize), errno.ENOSPC)
	mustBe(t, m.Unlink("f"), nil)
	put(t, m, "g", "")
	g := open(t, m, "g", O_RDWR)
	_, err = g.WriteAt(p[:1], 0) // the unlinked file still holds its space
	mustBe(t, err, errno.ENOSPC)
	closeFile(t, f)
	if _, err = g.WriteAt(p[:1], 0); err != nil {
		t.Error(err)
	}
	closeFile(t, g)
	if used := m.used.Load(); used != blockSize {
		t.Errorf("%d bytes used, want one block", used)
	}
	mustBe(t, m.Unlink("g"), nil)
	if used := m.used.Load(); used != 0 {
		t.Errorf("%d bytes used by nothing", used)
	}
}

// TestMemFSAccounting: whatever many goroutines do, in the end nothing is used.
func TestMemFSAccounting(t *testing.T) {
	t.Parallel()
	m := NewMemFS(40 * blockSize)
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			p := make([]byte, 3*blockSize)
			for i := range 200 {
				f, err := m.OpenFile(fmt.Sprint("f", (w+i)%3), O_RDWR|O_CREAT, 0o600)
				if err != nil {
					t.Error(err)
					return
				}
				if _, err := f.WriteAt(p, int64(i%5)*blockSize); err != nil && errno.Of(err) != errno.ENOSPC {
					t.Error(err)
				}
				switch i % 4 {
				case 0:
					err = f.Truncate(blockSize)
				case 1:
					err = m.Unlink(fmt.Sprint("f", (w+i)%3))
				case 2:
					err = m.Rename(fmt.Sprint("f", (w+i)%3), fmt.Sprint("f", i%3))
				}
				if err != nil && errno.Of(err) != errno.ENOENT {
					t.Error(err)
				}
				if err := f.Close(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	for _, name := range names(t, m, ".") {
		mustBe(t, m.Unlink(name), nil)
	}
	if used := m.used.Load(); used != 0 {
		t.Errorf("%d bytes used by nothing", used)
	}
}

func TestMemFSTooLarge(t *testing.T) {
	t.Parallel()
	f := open(t, NewMemFS(0), "f", O_RDWR|O_CREAT)
	_, err := f.WriteAt([]byte("x"), maxMemoryFile)
	mustBe(t, err, errno.EFBIG)
	mustBe(t, f.Truncate(maxMemoryFile+1), errno.EFBIG)
	mustBe(t, f.Allocate(maxMemoryFile, 1), errno.EFBIG)
	mustBe(t, f.Truncate(maxMemoryFile), nil) // all of it a hole
	_, err = f.Append([]byte("x"))
	mustBe(t, err, errno.EFBIG)
	closeFile(t, f)
}

func TestMemFSEscapes(t *testing.T) {
	t.Parallel()
	m := NewMemFS(0)
	mustBe(t, m.Mkdir("d", 0o700), nil)
	links := map[string]string{"a": "/x", "d/b": "../../x", "c": "..", "d/e": "../c/d"}
	for name, target := range links {
		mustBe(t, m.Symlink(target, name), nil)
	}
	for name, target := range links {
		if _, err := m.Stat(name); !IsEscape(err) {
			t.Errorf("Stat of a link to %s: %v, want ErrEscapes", target, err)
		}
		if _, err := m.Lstat(name); err != nil {
			t.Error(err)
		}
	}
}

func TestMemFSDirectoryLinks(t *testing.T) {
	t.Parallel()
	m := NewMemFS(0)
	check := func(name string, want uint32) {
		t.Helper()
		if st, err := m.Stat(name); err != nil || st.Nlink != want {
			t.Errorf("%s: %d links, %v; want %d", name, st.Nlink, err, want)
		}
	}
	mustBe(t, m.Mkdir("a", 0o700), nil)
	mustBe(t, m.Mkdir("b", 0o700), nil)
	mustBe(t, m.Mkdir("a/c", 0o700), nil)
	check(".", 4)
	check("a", 3)
	mustBe(t, m.Rename("a/c", "b/c"), nil)
	check("a", 2)
	check("b", 3)
	mustBe(t, m.Rename("b", "a"), nil)
	check(".", 3)
	check("a", 3)
	mustBe(t, m.Rmdir("a/c"), nil)
	check("a", 2)
}
