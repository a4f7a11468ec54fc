package runtimes

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/pglite-toolbox/pglite/internal/cachedir"
)

// folder is where a cache directory has its runtimes.
const folder = "runtime"

// stores returns where the runtime of a key is unpacked, and where others may have unpacked it for us to read. The
// first has no directory when there is none that can be written: err says why.
func (o *Options) stores(key string) (own store, shared []store, err error) {
	at := func(cache string) store { return store{dir: filepath.Join(cache, folder), key: key} }
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
		return store{}, shared, fmt.Errorf("%w, or name an unpacked runtime", cache.Err)
	}
	return at(cache.Dir), shared, nil
}

// find returns the store that has the runtime of the archive, else the one to unpack it into. The error says that there
// is neither.
func (o *Options) find(key string) (store, error) {
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

// major is PostgreSQL's version that a program without an archive takes from the cache.
const major = "18."

// unpacked is a runtime that a program has unpacked.
type unpacked struct {
	store
	when time.Time
}

// cached returns the runtime that was unpacked last, among those of the cache that fit, and marks it as in use.
func (o *Options) cached() (string, error) {
	all := o.unpacked()
	slices.SortFunc(all, func(a, b unpacked) int { return b.when.Compare(a.when) })
	var misfit error
	for _, u := range all {
		if o.Fits != nil {
			if err := o.Fits(u.path()); err != nil {
				misfit = err
				continue
			}
		}
		if use(u.path()) {
			return u.path(), nil
		}
	}
	if misfit != nil {
		return "", fmt.Errorf("%w (the cache has a runtime of another version: %w)", ErrNoRuntime, misfit)
	}
	return "", ErrNoRuntime
}

// unpacked lists the whole and trusted runtimes of the cache.
func (o *Options) unpacked() (all []unpacked) {
	own, shared, err := o.stores("")
	if err == nil {
		shared = append(shared, own)
	}
	for _, s := range shared {
		entries, err := os.ReadDir(s.dir)
		if err != nil {
			continue
		}
		for _, e := range entries {
			if strings.HasPrefix(e.Name(), ".") {
				continue
			}
			s.key = e.Name()
			info, err := os.Stat(filepath.Join(s.path(), MarkerName))
			if err == nil && s.complete() && s.trusted() == nil && isMajor(s.path()) {
				all = append(all, unpacked{s, info.ModTime()})
			}
		}
	}
	return all
}

// isMajor reports whether the runtime is of the right version.
func isMajor(dir string) bool {
	b, err := os.ReadFile(filepath.Join(dir, ManifestName))
	if err != nil {
		return false
	}
	var m struct {
		PostgreSQL string `json:"postgresql"`
	}
	return json.Unmarshal(b, &m) == nil && strings.HasPrefix(m.PostgreSQL, major)
}
