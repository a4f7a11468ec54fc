package vfs

import (
	"bytes"
	"fmt"
	"math"
	"strings"
	"sync"
	"testing"

	"github.com/pglite-toolbox/pglite/engine/internal/errno"
)

func TestReadWriteAt(t *testing.T) {
	t.Parallel()
	onAll(t, func(t *testing.T, fs FS) {
		f := open(t, fs, "f", O_RDWR|O_CREAT)
		defer closeFile(t, f)
		model := make([]byte, 5*blockSize)
		for i, span := range [][2]int{{0, 10}, {blockSize - 5, blockSize + 5}, {3 * blockSize, 5 * blockSize}, {100, 3*blockSize + 7}} {
			p := bytes.Repeat([]byte{byte('a' + i)}, span[1]-span[0])
			copy(model[span[0]:], p)
			n, err := f.WriteAt(p, int64(span[0]))
			if err != nil || n != len(p) {
				t.Fatalf("write %v: %d, %v", span, n, err)
			}
		}
		if got := contentOf(t, f); got != string(model) {
			t.Error("content differs from what was written")
		}
		p := make([]byte, 100)
		for off, want := range map[int64]int{5*blockSize - 30: 30, 5 * blockSize: 0, 99 * blockSize: 0, 17: 100} {
			n, err := f.ReadAt(p, off)
			if n != want || err != nil {
				t.Errorf("read at %d: %d, %v; want %d", off, n, err, want)
			}
			if !bytes.Equal(p[:n], model[min(off, int64(len(model))):][:n]) {
				t.Errorf("read at %d: wrong bytes", off)
			}
		}
		if n, err := f.ReadAt(nil, 0); n != 0 || err != nil {
			t.Errorf("read of nothing: %d, %v", n, err)
		}
		if n, err := f.WriteAt(nil, 100*blockSize); n != 0 || err != nil {
			t.Errorf("write of nothing: %d, %v", n, err)
		}
		if size, err := f.Size(); size != 5*blockSize || err != nil {
			t.Errorf("size %d, %v", size, err)
		}
	})
}

// TestHoles extends a file by a write far beyond its end, shortens and extends it:
// what nobody wrote reads as zeros.
func TestHoles(t *testing.T) {
	t.Parallel()
	const far = 300 << 20 // more than one chunk
	onAll(t, func(t *testing.T, fs FS) {
		f := open(t, fs, "f", O_RDWR|O_CREAT)
		defer closeFile(t, f)
		if _, err := f.WriteAt([]byte("start"), 0); err != nil {
			t.Fatal(err)
		}
		if _, err := f.WriteAt([]byte("end"), far); err != nil {
			t.Fatal(err)
		}
		zeros(t, f, 5, 20000)
		zeros(t, f, far-20000, 20000)
		st, err := f.Stat()
		mustBe(t, err, nil)
		if st.Size != far+3 || st.Blocks*512 > 10<<20 {
			t.Errorf("size %d, %d blocks", st.Size, st.Blocks)
		}
		mustBe(t, f.Truncate(3), nil)
		mustBe(t, f.Truncate(40000), nil)
		zeros(t, f, 3, 40000-3)
		if got := contentOf(t, f); got != "sta"+strings.Repeat("\x00", 40000-3) {
			t.Error("wrong content after Truncate")
		}
		mustBe(t, f.Truncate(-1), errno.EINVAL)
	})
}

func zeros(t *testing.T, f File, off, length int64) {
	t.Helper()
	p := bytes.Repeat([]byte{'x'}, int(length))
	n, err := f.ReadAt(p, off)
	if int64(n) != length || err != nil {
		t.Fatalf("read at %d: %d, %v", off, n, err)
	}
	if i := bytes.IndexFunc(p, func(r rune) bool { return r != 0 }); i >= 0 {
		t.Errorf("byte at %d is %q, want a zero", off+int64(i), p[i])
	}
}

func TestAllocate(t *testing.T) {
	t.Parallel()
	onAll(t, func(t *testing.T, fs FS) {
		f := open(t, fs, "f", O_RDWR|O_CREAT)
		defer closeFile(t, f)
		if _, err := f.WriteAt([]byte("data"), 0); err != nil {
			t.Fatal(err)
		}
		const length = 1 << 20
		mustBe(t, f.Allocate(0, length), nil)
		st, err := f.Stat()
		mustBe(t, err, nil)
		if st.Size != length || st.Blocks*512 < length {
			t.Errorf("size %d, %d blocks, want %d bytes reserved", st.Size, st.Blocks, length)
		}
		mustBe(t, f.Allocate(10, 100), nil) // inside: nothing changes
		if got := contentOf(t, f); got != "data"+strings.Repeat("\x00", length-4) {
			t.Error("wrong content after Allocate")
		}
		mustBe(t, f.Allocate(0, 0), errno.EINVAL)
		mustBe(t, f.Allocate(-1, 10), errno.EINVAL)
		mustBe(t, f.Allocate(math.MaxInt64-5, 10), errno.EFBIG)
	})
}

func TestHints(t *testing.T) {
	t.Parallel()
	onAll(t, func(t *testing.T, fs FS) {
		put(t, fs, "f", "content")
		f := open(t, fs, "f", O_RDWR)
		defer closeFile(t, f)
		mustBe(t, f.Advise(0, 4, POSIX_FADV_WILLNEED), nil)
		mustBe(t, f.Sync(), nil)
		mustBe(t, f.Datasync(), nil)
	})
}

// TestAppend appends from many goroutines, each with its own open file: no record
// may be lost or torn.
func TestAppend(t *testing.T) {
	t.Parallel()
	const writers, records = 8, 50
	onAll(t, func(t *testing.T, fs FS) {
		put(t, fs, "log", "")
		var wg sync.WaitGroup
		for w := range writers {
			wg.Go(func() {
				f, err := fs.OpenFile("log", O_WRONLY|O_APPEND, 0)
				if err != nil {
					t.Error(err)
					return
				}
				defer closeFile(t, f)
				for i := range records {
					record := []byte(fmt.Sprintf("%d-%03d;", w, i))
					write := f.Append
					if i%2 == 1 { // the offset means nothing with O_APPEND
						write = func(p []byte) (int, error) { return f.WriteAt(p, 0) }
					}
					if n, err := write(record); err != nil || n != len(record) {
						t.Errorf("append: %d, %v", n, err)
					}
				}
			})
		}
		wg.Wait()
		got := strings.Split(strings.TrimSuffix(get(t, fs, "log"), ";"), ";")
		if len(got) != writers*records {
			t.Fatalf("%d records, want %d", len(got), writers*records)
		}
		next := map[string]int{}
		for _, record := range got {
			w, i, _ := strings.Cut(record, "-")
			if i != fmt.Sprintf("%03d", next[w]) {
				t.Fatalf("record %q, want number %d of its writer", record, next[w])
			}
			next[w]++
		}
	})
}

func TestAppendWithoutFlag(t *testing.T) {
	t.Parallel()
	onAll(t, func(t *testing.T, fs FS) {
		put(t, fs, "f", "one")
		f := open(t, fs, "f", O_RDWR)
		defer closeFile(t, f)
		if n, err := f.Append([]byte("two")); n != 3 || err != nil {
			t.Fatalf("append: %d, %v", n, err)
		}
		if got := contentOf(t, f); got != "onetwo" {
			t.Errorf("content %q", got)
		}
	})
}

// TestConcurrentBlocks reads and writes one file from many goroutines. Blocks
// carry the number of who wrote last, in each of their bytes.
func TestConcurrentBlocks(t *testing.T) {
	t.Parallel()
	const workers, blocks, rounds = 8, 16, 60
	onAll(t, func(t *testing.T, fs FS) {
		put(t, fs, "f", strings.Repeat("\x00", blocks*blockSize))
		var wg sync.WaitGroup
		for w := range workers {
			wg.Go(func() {
				f, err := fs.OpenFile("f", O_RDWR, 0)
				if err != nil {
					t.Error(err)
					return
				}
				defer closeFile(t, f)
				p := make([]byte, blockSize)
				for i := range rounds {
					// each block has one writer and many readers
					own := int64(w + workers*(i%(blocks/workers)))
					if _, err := f.WriteAt(bytes.Repeat([]byte{byte(i)}, blockSize), own*blockSize); err != nil {
						t.Error(err)
					}
					if n, err := f.ReadAt(p, own*blockSize); n != blockSize || err != nil || bytes.Count(p, []byte{byte(i)}) != blockSize {
						t.Errorf("own block: %d, %v, first byte %d, want %d", n, err, p[0], i)
					}
					if n, err := f.ReadAt(p, int64(i*7%blocks)*blockSize); n != blockSize || err != nil {
						t.Errorf("other block: %d, %v", n, err)
					}
				}
			})
		}
		wg.Wait()
	})
}

// TestTruncateRace extends and shortens a file while it is read and written.
func TestTruncateRace(t *testing.T) {
	t.Parallel()
	onAll(t, func(t *testing.T, fs FS) {
		put(t, fs, "f", strings.Repeat("x", 3*blockSize))
		f := open(t, fs, "f", O_RDWR)
		defer closeFile(t, f)
		var wg sync.WaitGroup
		each := func(g func(i int) error) {
			wg.Go(func() {
				for i := range 200 {
					if err := g(i); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		each(func(i int) error { return f.Truncate(int64(i % 4 * 5000)) })
		each(func(i int) error { _, err := f.WriteAt([]byte("data"), int64(i*97)); return err })
		each(func(i int) error { _, err := f.ReadAt(make([]byte, 9000), int64(i*31)); return err })
		each(func(i int) error { return f.Allocate(int64(i), 5000) })
		each(func(i int) error { _, err := f.Stat(); return err })
		wg.Wait()
	})
}
