package install

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// CacheDir is where the user's unpacked runtimes and compiled code are kept: pglite in os.UserCacheDir. All in it can be made again.
// A relative $XDG_CACHE_HOME counts as none, as its specification wants it.
func CacheDir() (string, error) {
	base, err := os.UserCacheDir()
	if xdg := os.Getenv("XDG_CACHE_HOME"); err != nil && xdg != "" && !filepath.IsAbs(xdg) {
		base, err = os.UserHomeDir()
		base = filepath.Join(base, ".cache")
	}
	if err != nil {
		return "", fmt.Errorf("there is no cache directory for the PostgreSQL runtime (%w): set it, or use --runtime DIR", err)
	}
	return filepath.Join(base, "pglite"), nil
}

var errNoHome = errors.New("there is no home directory for the default cluster")
