package install

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/pglite-toolbox/pglite/internal/cachedir"
)

// CacheDir is where the user's unpacked runtimes and compiled code are kept. All in it can be made again. It is pglite
// in $XDG_CACHE_HOME, else below the home, else in a private directory among the temporary files: the first that can be
// written.
func CacheDir() (string, error) {
	cache := cachedir.Env(nil).Cache()
	return cache.Dir, cache.Err
}

// ErrNoHome means that the user has no directory that can be written, for the default cluster or that of an
// application.
var ErrNoHome = errors.New("there is no directory for the default cluster")

// dataHome finds the directory of that name among the user's data.
func dataHome(name string) (dir string, temporary bool, err error) {
	dir, temporary, err = cachedir.Env(nil).Data(name, func(dir string) bool {
		_, found := below(dir)
		_, err := os.Stat(filepath.Join(dir, "data", "PG_VERSION"))
		return found || err == nil
	})
	if err != nil {
		return "", false, fmt.Errorf("%w: %w; name a data directory", ErrNoHome, err)
	}
	return dir, temporary, nil
}
