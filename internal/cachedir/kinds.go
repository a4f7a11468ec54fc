package cachedir

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
)

// Cache is where the unpacked runtimes and the compiled code are. All in it can be made again.
type Cache struct {
	// Dir can be written, and is made when something is put into it. It is empty when there is no such directory: Err
	// tells why.
	Dir string
	Err error
	// Shared are looked in when Dir has not what is wanted. They are there, trusted, and never written to.
	Shared []string
}

// Cache finds the user's. Beside it every user has those of the system, [systemDirs].
func (e Env) Cache() (c Cache) {
	c.Dir, c.Shared, c.Err = e.first(cacheKind)
	if c.Err != nil {
		c.Err = fmt.Errorf("there is no directory for the PostgreSQL runtime: %w; set XDG_CACHE_HOME to one", c.Err)
	}
	for _, dir := range systemDirs {
		if info, err := os.Stat(dir); err == nil && info.IsDir() && dir != c.Dir && trusted(dir, info) == nil {
			c.Shared = append(c.Shared, dir)
		}
	}
	return c
}

// Data finds pglite's directory among the user's data. The first place that holds something already is taken, whether
// it can be written or not: nobody's data are to be missed because of a file system that is read-only for once.
// temporary reports whether it may be gone after a restart of the computer.
func (e Env) Data(name string, holds func(dir string) bool) (dir string, temporary bool, err error) {
	var reasons error
	for _, p := range e.places(dataKind) {
		p.dir = filepath.Join(filepath.Dir(p.dir), name)
		safe, err := p.check()
		if err == nil || holds(p.dir) && (safe || !p.temporary) {
			return p.dir, p.temporary, nil
		}
		if reasons == nil {
			reasons = fmt.Errorf("%s", reason(p.dir, err))
		} else {
			reasons = fmt.Errorf("%w; %s", reasons, reason(p.dir, err))
		}
	}
	return "", false, fmt.Errorf("no directory can be written (%w)", reasons)
}

// State finds pglite's directory for what programs remember of the user's doings, such as the history.
func (e Env) State() (string, error) {
	dir, _, err := e.first(stateKind)
	return dir, err
}

// Config lists the directories in which the user's settings may be, best first. They are read only.
func (e Env) Config() (dirs []string) {
	for _, p := range e.places(configKind) {
		if !p.temporary {
			dirs = append(dirs, p.dir)
		}
	}
	return dirs
}

// Sockets lists the directories for the user's own sockets, best first: in XDG_RUNTIME_DIR, among the temporary files,
// in the cache. Those whose names are longer than a socket's may be are left out, except that the last is there always.
func (e Env) Sockets(longest int) (dirs []string) {
	if dir := e.get("XDG_RUNTIME_DIR"); filepath.IsAbs(dir) {
		dirs = append(dirs, filepath.Join(dir, own))
	}
	for _, temp := range e.temps() {
		dirs = append(dirs, filepath.Join(temp, userDirName()))
	}
	if c := e.Cache(); c.Err == nil {
		dirs = append(dirs, filepath.Join(c.Dir, "run", own))
	}
	fits := slices.DeleteFunc(slices.Clone(dirs), func(dir string) bool { return len(dir) > longest && runtime.GOOS != "windows" })
	if len(fits) == 0 {
		return dirs[len(dirs)-1:]
	}
	return fits
}

// ForSockets reports whether a directory is one that [Env.Sockets] may name in some environment, and nobody else can
// enter it.
func (e Env) ForSockets(dir string) bool {
	if name := filepath.Base(dir); name != own && name != userDirName() {
		return false
	}
	info, err := os.Lstat(dir)
	if err != nil || !info.IsDir() || !mine(info) || others(info) {
		return false
	}
	return runtime.GOOS != "windows" || slices.Contains(e.Sockets(len(dir)), dir) // where modes tell nothing
}

// CanBePrivate reports whether MakePrivate makes the directory. It changes nothing.
func CanBePrivate(dir string) error {
	if err := private(dir); err != nil {
		return err
	}
	if _, err := os.Lstat(dir); missing(err) {
		return makeable(dir)
	}
	return writable(dir)
}

// MakePrivate makes a directory that the user alone can enter. It fails for one that others can, or that is a link.
func MakePrivate(dir string) error {
	if err := MakeAll(dir); err != nil {
		return err
	}
	if err := alone(dir); err != nil {
		return err
	}
	return writable(dir)
}
