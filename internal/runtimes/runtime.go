// Package runtimes provides the directory of the PostgreSQL runtime: it unpacks the archive that is built into the
// program, or one that is named, into a cache directory, and finds it there again.
//
// A runtime is unpacked into a temporary directory, written to stable storage, and renamed at the end: a program that
// is killed leaves all of it or nothing. All functions are safe for concurrent use, by several programs too.
package runtimes

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/pglite-toolbox/pglite/assets"
)

// ErrNoRuntime: there is no runtime where Provide looks.
var ErrNoRuntime = errors.New("this program was built without a PostgreSQL runtime, and none was found: " +
	"(1) build it with a release of the module, or in a checkout after make runtime, which builds the archive in; " +
	"(2) name an archive or an unpacked runtime in the environment variable " + Variable + "; or " +
	"(3) run a pglite program of the same version once, which unpacks the runtime into the user's cache")

// Variable names the environment variable for an archive, or for the directory of an unpacked runtime, of programs that
// have none built in.
const Variable = "PGLITE_RUNTIME"

// Options say where the runtime comes from and where it goes. With the zero value it comes from the first of these: the
// archive that is built into the program, $PGLITE_RUNTIME, the user's cache.
type Options struct {
	// Source is the directory of an unpacked runtime, or an archive; empty means the places above.
	Source string
	// CacheDir is where archives are unpacked; empty means the user's cache directory.
	CacheDir string
	// Progress is called with a short phrase before what takes long; it may be nil.
	Progress func(string)
	// Fits is an error for an unpacked runtime of the cache that this program cannot run; nil takes all of PostgreSQL's
	// right version.
	Fits func(dir string) error
}

func (o *Options) progress(phrase string) {
	if o.Progress != nil {
		o.Progress(phrase)
	}
}

// Provide returns the directory of the runtime. An archive is unpacked the first time and found again by its SHA-256;
// of several programs that want it at once one unpacks and the others wait.
func Provide(ctx context.Context, o Options) (string, error) {
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

// Found says where a runtime is, or will be when it is unpacked.
type Found struct {
	Dir      string
	Unpacked bool
}

// Find returns where Provide's answer is, and unpacks nothing.
func Find(o Options) (Found, error) {
	archive, dir, err := o.open()
	if err != nil || archive == nil {
		return Found{dir, err == nil}, err
	}
	defer archive.Close()
	key, err := o.key(archive)
	if err != nil {
		return Found{}, err
	}
	s, err := o.find(key)
	if err != nil {
		return Found{}, err
	}
	return Found{s.path(), s.complete()}, nil
}

// open opens the archive, or returns the directory when there is an unpacked runtime instead.
func (o *Options) open() (archive assets.Archive, dir string, err error) {
	if o.Source == "" {
		if archive, ok := assets.Open(); ok {
			return archive, "", nil
		}
		if o.Source = os.Getenv(Variable); o.Source == "" {
			dir, err := o.cached()
			return nil, dir, err
		}
	}
	info, err := os.Stat(o.Source)
	if err != nil {
		return nil, "", fmt.Errorf("runtime: %w", err)
	}
	if info.IsDir() {
		dir, err := runtimeDir(o.Source)
		return nil, dir, err
	}
	file, err := os.Open(o.Source)
	if err != nil {
		return nil, "", fmt.Errorf("runtime: %w", err)
	}
	return file, "", nil
}

// provide returns the directory into which the archive was unpacked, now or earlier, and marks it as in use.
func (o *Options) provide(ctx context.Context, archive assets.Archive) (string, error) {
	key, err := o.key(archive)
	if err != nil {
		return "", err
	}
	s, err := o.find(key)
	if err != nil {
		return "", err
	}
	if err := s.trusted(); err != nil {
		return "", fmt.Errorf("the unpacked runtime is not to be trusted: %w", err)
	}
	const patience, pause = 50, 20 * time.Millisecond // another program may be removing it
	for range patience {
		if s.complete() {
			if use(s.path()) {
				return s.path(), nil
			}
			time.Sleep(pause)
			continue
		}
		if err := s.fill(ctx, archive, o.progress); err != nil {
			return "", err
		}
		if _, err := archive.Seek(0, 0); err != nil {
			return "", err
		}
	}
	return "", fmt.Errorf("unpack the runtime: %q is removed by another program again and again", s.path())
}

// runtimeDir checks that a directory is a runtime's.
func runtimeDir(dir string) (string, error) {
	for _, name := range []string{ManifestName, filepath.Join("bin", "postgres.wasm")} {
		if _, err := os.Stat(filepath.Join(dir, name)); errors.Is(err, fs.ErrNotExist) {
			return "", fmt.Errorf("%q is not a runtime: it has no %s", dir, filepath.ToSlash(name))
		} else if err != nil {
			return "", fmt.Errorf("runtime: %w", err)
		}
	}
	return filepath.Abs(dir)
}
