package install

import (
	"context"
	"path/filepath"

	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/internal/runtimes"
)

// ErrNoRuntime: the program was built without a runtime, none was named, and the user's cache has none. It is engine's.
var ErrNoRuntime = engine.ErrNoRuntime

// RuntimeOptions tell where the runtime comes from and where it goes. With the zero value it comes from the first of
// these: the archive that is built into the program, $PGLITE_RUNTIME (an archive or an unpacked runtime), the runtime
// that another program has unpacked into the user's cache directory and that this one can run.
type RuntimeOptions struct {
	// Source is the directory of an unpacked runtime, or an archive as make runtime makes it; empty means the places
	// above.
	Source string
	// CacheDir is where archives are unpacked; empty means CacheDir's answer. It is made if it is not there, and
	// belongs to the user or to root. A group may write to the user's own; then its members are trusted. One that all
	// may write to is refused.
	CacheDir string
	// Progress is called with a short phrase for each step that takes long. It may be nil.
	Progress func(string)
}

func (o *RuntimeOptions) progress(phrase string) {
	if o.Progress != nil {
		o.Progress(phrase)
	}
}

func (o RuntimeOptions) options() runtimes.Options {
	return runtimes.Options{Source: o.Source, CacheDir: o.CacheDir, Progress: o.Progress, Fits: engine.CheckRuntime}
}

// ProvideRuntime returns the directory of the runtime. An archive is unpacked the first time and found again by its
// SHA-256; of several programs that want it at once one unpacks and the others wait. ErrNoRuntime when there is no
// runtime.
func ProvideRuntime(ctx context.Context, o RuntimeOptions) (string, error) {
	return runtimes.Provide(ctx, o.options())
}

// FoundRuntime is where a runtime is, or will be once ProvideRuntime has unpacked it.
type FoundRuntime struct {
	Dir      string
	Unpacked bool
}

// FindRuntime returns what ProvideRuntime would return. It unpacks nothing. ErrNoRuntime when there is none.
func FindRuntime(o RuntimeOptions) (FoundRuntime, error) {
	found, err := runtimes.Find(o.options())
	return FoundRuntime(found), err
}

// ReadManifest returns the manifest of the runtime that ProvideRuntime would return. It unpacks nothing. ErrNoRuntime
// when there is none.
func ReadManifest(o RuntimeOptions) (engine.Manifest, error) {
	text, err := runtimes.Manifest(o.options())
	if err != nil {
		return engine.Manifest{}, err
	}
	return engine.ParseManifest(text)
}

// versionOf returns PostgreSQL's version of an unpacked runtime.
func versionOf(dir string) (string, error) {
	manifest, err := engine.ReadManifest(filepath.Join(dir, runtimes.ManifestName))
	return manifest.PostgreSQL, err
}
