package install

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/pglite-toolbox/pglite/internal/runtimes"
)

// CachePaths are the directories of the cache. Code and Modules are package engine's.
type CachePaths struct {
	Dir      string // all of them
	Runtimes string // unpacked runtimes
	Code     string // machine code that was compiled from the runtime's modules
	Modules  string // what else of the modules is needed to load that code
}

// CachePathsIn returns the paths of a cache directory, "" meaning the user's.
func CachePathsIn(dir string) (CachePaths, error) {
	var err error
	if dir == "" {
		dir, err = CacheDir()
	} else {
		dir, err = filepath.Abs(dir)
	}
	if err != nil {
		return CachePaths{}, err
	}
	return CachePaths{
		Dir: dir, Runtimes: filepath.Join(dir, "runtime"), Code: filepath.Join(dir, "code"),
		Modules: filepath.Join(dir, "modules"),
	}, nil
}

// CleanCache removes what is in a cache directory, but for runtimes that a running program uses: those are named in the
// error, and all else is removed all the same. It returns how many bytes the removed files had.
func CleanCache(p CachePaths) (freed int64, err error) {
	freed, failed := runtimes.Clean(p.Runtimes)
	for _, dir := range []string{p.Code, p.Modules} {
		freed += runtimes.SizeOf(dir)
		failed = append(failed, os.RemoveAll(dir))
	}
	if err := errors.Join(failed...); err != nil {
		return freed, fmt.Errorf("clean the cache: %w", err)
	}
	_ = os.Remove(p.Dir) // stays when something else is in it
	return freed, nil
}
