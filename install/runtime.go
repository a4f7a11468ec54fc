package install

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// ErrNoRuntime: the program was built without a runtime and none was named.
var ErrNoRuntime = errors.New("this pglite was built without a PostgreSQL runtime: run make runtime and build it again, or use --runtime")

// RuntimeOptions tell where the runtime comes from and where it goes. The zero value is the embedded one in the user's cache directory.
type RuntimeOptions struct {
	// Source is the directory of an unpacked runtime, or an archive as make runtime makes it; empty means the embedded archive.
	Source string
	// CacheDir is where archives are unpacked; empty means CacheDir's answer. It is made if it is not there, and belongs to the user or to
	// root. A group may write to the user's own; then its members are trusted. One that all may write to is refused.
	CacheDir string
	// Progress is told of what takes long, a short phrase each time; nil is told nothing.
	Progress func(string)
}

// Runtime returns the directory of the runtime. An archive is unpacked the first time and found again by its SHA-256; of
// several programs that want it at once one unpacks and the others wait. ErrNoRuntime when there is no archive.
func Runtime(ctx context.Context, o RuntimeOptions) (string, error) {
	archive, dir, err := o.open()
	if err != nil || archive == nil {
		return dir, err
	}
	defer archive.Close()
	dir, err = o.provide(ctx, archive)
	if err != nil && o.Source != "" && ctx.Err() == nil {
		return "", fmt.Errorf("runtime %q: %w", o.Source, err)
	}
	return dir, err
}

// runtimeDir checks that a directory is a runtime's.
func runtimeDir(dir string) (string, error) {
	for _, name := range []string{manifestName, filepath.Join("bin", "postgres.wasm")} {
		if _, err := os.Stat(filepath.Join(dir, name)); errors.Is(err, fs.ErrNotExist) {
			return "", fmt.Errorf("%q is not a runtime: it has no %s", dir, filepath.ToSlash(name))
		} else if err != nil {
			return "", fmt.Errorf("runtime: %w", err)
		}
	}
	return filepath.Abs(dir)
}

// manifestName is the file in a runtime's directory that engine.ReadManifest reads.
const manifestName = "manifest.json"

func (o *RuntimeOptions) progress(phrase string) {
	if o.Progress != nil {
		o.Progress(phrase)
	}
}
