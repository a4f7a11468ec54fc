package install

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/pglite-toolbox/pglite/internal/cachedir"
)

// CacheDir is where the user's unpacked runtimes and compiled code are kept. All in it can be made again. It is pglite in
// $XDG_CACHE_HOME, else below the home, else in a private directory among the temporary files: the first that can be written.
func CacheDir() (string, error) {
	cache := cachedir.Env(nil).Cache()
	return cache.Dir, cache.Err
}

// stores returns where the runtime of a key is unpacked, and where others may have unpacked it for us to read. The first has no
// directory when there is none that can be written: err tells why.
func (o *RuntimeOptions) stores(key string) (own store, shared []store, err error) {
	at := func(cache string) store { return store{dir: filepath.Join(cache, "runtime"), key: key} }
	if o.CacheDir != "" {
		dir, err := filepath.Abs(o.CacheDir)
		named := at(dir)
		named.named = true
		return named, nil, err
	}
	cache := cachedir.Env(nil).Cache()
	for _, dir := range cache.Shared {
		shared = append(shared, at(dir))
	}
	if cache.Err != nil {
		return store{}, shared, fmt.Errorf("%w, or use --runtime DIR", cache.Err)
	}
	return at(cache.Dir), shared, nil
}

// find returns the store that has the runtime of the archive, else the one to unpack it into. The error tells that there is neither.
func (o *RuntimeOptions) find(key string) (store, error) {
	own, shared, err := o.stores(key)
	if err == nil && own.complete() {
		return own, nil
	}
	for _, s := range shared {
		if s.complete() && s.trusted() == nil {
			return s, nil
		}
	}
	return own, err
}

var errNoHome = errors.New("there is no directory for the default cluster")

// dataHome finds the directory of that name among the user's data.
func dataHome(name string) (dir string, temporary bool, err error) {
	dir, temporary, err = cachedir.Env(nil).Data(name, func(dir string) bool {
		_, found := below(dir)
		_, err := os.Stat(filepath.Join(dir, "data", "PG_VERSION"))
		return found || err == nil
	})
	if err != nil {
		return "", false, fmt.Errorf("%w: %w; name a data directory with -D", errNoHome, err)
	}
	return dir, temporary, nil
}
