package runtimes

import (
	"testing"

	"github.com/pglite-toolbox/pglite/assets"
	"github.com/pglite-toolbox/pglite/internal/durable"
)

// BenchmarkUnpack is what the first run on a machine does.
func BenchmarkUnpack(b *testing.B) {
	archive, ok := assets.Open()
	if !ok {
		b.Skip(ErrNoRuntime)
	}
	defer archive.Close()
	for b.Loop() {
		dir := b.TempDir()
		if _, err := archive.Seek(0, 0); err != nil {
			b.Fatal(err)
		}
		if err := Unpack(b.Context(), archive, dir, archiveLimits); err != nil {
			b.Fatal(err)
		}
		if err := durable.Tree(b.Context(), dir); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkArchiveKey is what each run does to find the unpacked runtime.
func BenchmarkArchiveKey(b *testing.B) {
	archive, ok := assets.Open()
	if !ok {
		b.Skip(ErrNoRuntime)
	}
	defer archive.Close()
	for b.Loop() {
		if _, err := archiveKey(archive); err != nil {
			b.Fatal(err)
		}
	}
}
