package vfs

import (
	"strings"
	"testing"
)

// benchSubjects are the file systems as the engine uses them.
func benchSubjects(b *testing.B) []subject {
	return []subject{
		{newDirFS(b, b.TempDir(), Options{}), "DirFS"},
		{newRootedDirFS(b), "DirFSWithoutOpenat2"},
		{NewMemFS(0), "MemFS"},
		{newTreeFS(b, newDirFS(b, b.TempDir(), Options{})), "TreeOverDirFS"},
	}
}

func onAllB(b *testing.B, f func(b *testing.B, fs FS)) {
	for _, s := range benchSubjects(b) {
		mustBe(b, s.Mkdir("base", 0o700), nil)
		mustBe(b, s.Mkdir("base/5", 0o700), nil)
		put(b, s.FS, "base/5/16384", strings.Repeat("x", 128*blockSize))
		b.Run(s.name, func(b *testing.B) {
			b.ReportAllocs()
			f(b, s.FS)
		})
	}
}

func BenchmarkReadAt(b *testing.B) {
	onAllB(b, func(b *testing.B, fs FS) {
		f := open(b, fs, "base/5/16384", O_RDWR)
		defer closeFile(b, f)
		b.SetBytes(blockSize)
		b.RunParallel(func(pb *testing.PB) {
			p := make([]byte, blockSize)
			for i := int64(0); pb.Next(); i++ {
				if n, err := f.ReadAt(p, i%128*blockSize); n != blockSize || err != nil {
					b.Error(n, err)
				}
			}
		})
	})
}

func BenchmarkWriteAt(b *testing.B) {
	onAllB(b, func(b *testing.B, fs FS) {
		f := open(b, fs, "base/5/16384", O_RDWR)
		defer closeFile(b, f)
		b.SetBytes(blockSize)
		p := make([]byte, blockSize)
		for i := int64(0); b.Loop(); i++ {
			if n, err := f.WriteAt(p, i%128*blockSize); n != blockSize || err != nil {
				b.Fatal(n, err)
			}
		}
	})
}

func BenchmarkOpenClose(b *testing.B) {
	onAllB(b, func(b *testing.B, fs FS) {
		for b.Loop() {
			closeFile(b, open(b, fs, "base/5/16384", O_RDWR))
		}
	})
}

func BenchmarkStat(b *testing.B) {
	onAllB(b, func(b *testing.B, fs FS) {
		for b.Loop() {
			if _, err := fs.Stat("base/5/16384"); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkSize(b *testing.B) {
	onAllB(b, func(b *testing.B, fs FS) {
		f := open(b, fs, "base/5/16384", O_RDWR)
		defer closeFile(b, f)
		for b.Loop() {
			if size, err := f.Size(); size != 128*blockSize || err != nil {
				b.Fatal(size, err)
			}
		}
	})
}

func BenchmarkExtend(b *testing.B) {
	onAllB(b, func(b *testing.B, fs FS) {
		f := open(b, fs, "grown", O_RDWR|O_CREAT)
		defer closeFile(b, f)
		b.SetBytes(blockSize)
		p := make([]byte, blockSize)
		for i := int64(0); b.Loop(); i++ {
			if _, err := f.WriteAt(p, i%(64<<10)*blockSize); err != nil { // up to 512 MiB
				b.Fatal(err)
			}
		}
	})
}
