package install

import (
	"os"
	"path/filepath"
	"testing"

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
