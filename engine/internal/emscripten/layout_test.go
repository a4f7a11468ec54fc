package emscripten

import (
	"encoding/binary"
	"strings"
	"testing"

	"github.com/pglite-toolbox/pglite/engine/internal/vfs"
)

// field is a value that a structure holds at an offset.
type field struct {
	name   string
	offset int
	size   int
	want   uint64
}

func check(t *testing.T, b []byte, fields []field) {
	t.Helper()
	for _, f := range fields {
		var word [8]byte
		copy(word[:], b[f.offset:f.offset+f.size])
		if got := binary.LittleEndian.Uint64(word[:]); got != f.want {
			t.Errorf("%s at %d: %#x, want %#x", f.name, f.offset, got, f.want)
		}
	}
}

// TestStatLayout is struct host_stat of runtime/libc/abi.h, whose offsets runtime/libc/stat.c asserts.
func TestStatLayout(t *testing.T) {
	t.Parallel()
	b := make([]byte, statSize)
	st := vfs.Stat{
		Dev: 1<<40 | 1, Ino: 1<<50 | 2, Mode: vfs.S_IFREG | 0o640, Nlink: 4, UID: 5, GID: 6, Rdev: 1<<33 | 7, Size: 1<<42 | 8, Blksize: 4096, Blocks: 1<<41 | 10,
		Atim: vfs.Timespec{Sec: 1 << 33, Nsec: 11}, Mtim: vfs.Timespec{Sec: 1<<33 + 1, Nsec: 12}, Ctim: vfs.Timespec{Sec: 1<<33 + 2, Nsec: 13},
	}
	encodeStat(b, &st)
	check(t, b, []field{
		{"dev", 0, 8, st.Dev},
		{"ino", 8, 8, st.Ino},
		{"mode", 16, 4, uint64(st.Mode)},
		{"nlink", 20, 4, 4},
		{"uid", 24, 4, 5},
		{"gid", 28, 4, 6},
		{"rdev", 32, 8, st.Rdev},
		{"size", 40, 8, uint64(st.Size)},
		{"blksize", 48, 8, 4096},
		{"blocks", 56, 8, uint64(st.Blocks)},
		{"atime", 64, 8, 1 << 33},
		{"mtime", 72, 8, 1<<33 + 1},
		{"ctime", 80, 8, 1<<33 + 2},
		{"atime_ns", 88, 4, 11},
		{"mtime_ns", 92, 4, 12},
		{"ctime_ns", 96, 4, 13},
	})
}

// TestDirentLayout is Emscripten's struct dirent.
func TestDirentLayout(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("n", 255)
	entries := []vfs.DirEntry{{Name: "base", Ino: 1<<40 | 3, Type: vfs.S_IFDIR}, {Name: long, Ino: 4, Type: vfs.S_IFREG}, {Name: "more", Ino: 5, Type: vfs.S_IFLNK}}
	b := make([]byte, 2*direntSize+direntSize-1)
	taken, n := putEntries(b, 7, entries)
	if taken != 2 || n != 2*direntSize {
		t.Fatalf("%d entries in %d bytes, want the 2 that fit", taken, n)
	}
	check(t, b, []field{{"ino", 0, 8, 1<<40 | 3}, {"off", 8, 8, 8}, {"reclen", 16, 2, direntSize}, {"type", 18, 1, 4}, {"end of name", direntName + 4, 1, 0}})
	check(t, b[direntSize:], []field{{"ino", 0, 8, 4}, {"off", 8, 8, 9}, {"reclen", 16, 2, direntSize}, {"type", 18, 1, 8}, {"end of name", direntName + 255, 1, 0}})
	if name := string(b[direntName : direntName+4]); name != "base" {
		t.Errorf("name %q", name)
	}
	if name := string(b[direntSize+direntName : direntSize+direntName+255]); name != long {
		t.Errorf("name %q", name)
	}
}
