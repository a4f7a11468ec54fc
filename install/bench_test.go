package install

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/pglite-toolbox/pglite/assets"
	"github.com/pglite-toolbox/pglite/engine"
)

// BenchmarkCopyTemplate is what pglite init does when the runtime is unpacked.
func BenchmarkCopyTemplate(b *testing.B) {
	runtime := testRuntime(b)
	dir := b.TempDir()
	for i := 0; b.Loop(); i++ {
		to := filepath.Join(dir, "data")
		if err := os.Mkdir(to, 0o700); err != nil {
			b.Fatal(err)
		}
		if err := copyTemplate(b.Context(), filepath.Join(runtime, engine.TemplateDir), to, ""); err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		if err := os.RemoveAll(to); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
}

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
		if err := unpack(b.Context(), archive, dir, archiveLimits); err != nil {
			b.Fatal(err)
		}
		if err := syncTree(b.Context(), dir); err != nil {
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
