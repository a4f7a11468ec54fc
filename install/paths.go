package install

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/pglite-toolbox/pglite/engine"
)

// Paths says where an installation is. Data is required.
type Paths struct {
	// Root is the directory that the installation is found by: its own in the classic layouts, the data directory
	// elsewhere; "" is the data directory.
	Root string
	// Data is the data directory, PGDATA.
	Data string
	// Temporary reports that it is among the temporary files, because there is no home that can be written: it may be
	// gone when the computer has been restarted.
	Temporary bool
}

// AppID names an application, for a directory of its own among the user's data.
type AppID struct {
	Qualifier    string // such as "org"
	Organization string
	App          string // required
}

// classic are the layouts that PGlite's installations had: the data directory relative to the root.
var classic = []string{filepath.Join("tmp", "pglite", "base"), filepath.Join("pglite", "base")}

var errNoName = errors.New("the data directory has no name: give one")

// ResolvePaths returns the paths of the cluster that dir means: engine.Memory, dir itself, or the one below it in one
// of the classic layouts. Where there is none yet it is dir itself.
func ResolvePaths(dir string) (Paths, error) {
	if dir == "" {
		return Paths{}, errNoName
	}
	if dir == engine.Memory {
		return Paths{Root: dir, Data: dir}, nil
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return Paths{}, err
	}
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real
	}
	if found, ok := below(dir); ok {
		return found, nil
	}
	return Paths{Root: dir, Data: dir}, nil
}

// below finds a cluster in dir: a plain data directory first, then the classic layouts.
func below(dir string) (Paths, bool) {
	for _, data := range append([]string{"."}, classic...) {
		data = filepath.Join(dir, data)
		if _, err := os.Stat(filepath.Join(data, "PG_VERSION")); err == nil {
			return Paths{Root: dir, Data: data}, true
		}
	}
	return Paths{}, false
}

// ownDir is pglite's own directory among the user's data.
const ownDir = "pglite"

// Default returns the paths of the user's default cluster, whether it is there or not: pglite/data in the operating
// system's directory for the user's data ($XDG_DATA_HOME or ~/.local/share, ~/Library/Application Support,
// %LOCALAPPDATA%), or among the temporary files when there is no such directory that can be written.
func Default() (Paths, error) {
	root, temporary, err := dataHome(ownDir)
	if err != nil {
		return Paths{}, err
	}
	data := filepath.Join(root, "data")
	if _, err := os.Stat(filepath.Join(data, "PG_VERSION")); err == nil { // whatever else comes to be there
		return Paths{Root: root, Data: data, Temporary: temporary}, nil
	}
	if found, ok := below(root); ok {
		found.Temporary = temporary
		return found, nil
	}
	return Paths{Root: root, Data: data, Temporary: temporary}, nil
}

// Paths returns the paths of the application's cluster, whether it is there or not. A new one is root/pglite/base.
func (a AppID) Paths() (Paths, error) {
	name, err := a.dirName()
	if err != nil {
		return Paths{}, err
	}
	if first, _, _ := strings.Cut(filepath.ToSlash(name), "/"); strings.EqualFold(first, ownDir) {
		return Paths{}, fmt.Errorf("application %q: the directory %s is pglite's own: choose another name", a.App,
			first)
	}
	root, temporary, err := dataHome(name)
	if err != nil {
		return Paths{}, err
	}
	if found, ok := below(root); ok {
		found.Temporary = temporary
		return found, nil
	}
	return Paths{Root: root, Data: filepath.Join(root, "pglite", "base"), Temporary: temporary}, nil
}

// check refuses names that are no file names on some system.
func (a AppID) check() error {
	for _, part := range []string{a.App, a.Organization, a.Qualifier} {
		if strings.ContainsAny(part, `/\:*?"<>|`+"\x00") || part == "." || part == ".." {
			return fmt.Errorf("application %q: its names must be usable as file names", cmp.Or(a.App, part))
		}
	}
	if a.App == "" {
		return errors.New("application: AppID.App is empty")
	}
	return nil
}
