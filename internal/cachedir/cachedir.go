// Package cachedir finds the directories that belong to the user: of the unpacked runtime and the compiled code, the
// default cluster, settings, history, sockets and temporary files.
//
// Each is the first of these places that will do:
//
//   - what the XDG variable names, such as XDG_CACHE_HOME; on Windows %LOCALAPPDATA%
//   - the system's place for such things below $HOME
//   - the same below the home that the user database has for the user
//   - pglite-UID among the temporary files: a directory of mode 0700 that is the user's, and no link
//
// A place will do when it can be written, or when it can be made. "/" is no home: container runtimes name it where
// there is none.
//
// # What is trusted
//
// Compiled code runs in this process, so a file of the cache is as good as the program. A directory is trusted when it
// belongs to the user or to root and nobody else may write to it: the user can harm only himself, and root need not go
// to such lengths. A trusted directory that cannot be written, such as one that root has baked into a container's
// image, is read and never written. All others are passed by, as if they were not there. Where the user's own directory
// lies is the user's word: the directories above it are not checked.
package cachedir

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// own is the name of pglite's directory in each place.
const own = "pglite"

// Env is the environment that names the places; nil is the process's.
type Env func(name string) string

func (e Env) get(name string) string {
	if e == nil {
		return os.Getenv(name)
	}
	return e(name)
}

// kind is a kind of directory.
type kind struct {
	variables []string // that name the place
	home      string   // the place below a home; empty means that there is none
	temporary string   // its name in the user's temporary directory
	code      bool     // what is in it is run or unpacked, so it has to be trusted
}

// place is a directory that may be pglite's.
type place struct {
	dir       string
	temporary bool // in the user's temporary directory
	homeless  bool // below "/"
	code      bool
}

// places lists the directories of a kind, best first.
func (e Env) places(k kind) (all []place) {
	add := func(p place) {
		if !slices.ContainsFunc(all, func(q place) bool { return q.dir == p.dir }) {
			all = append(all, p)
		}
	}
	for _, variable := range k.variables {
		if dir := e.get(variable); filepath.IsAbs(dir) { // the specification of the XDG variables calls others invalid
			add(place{dir: filepath.Join(dir, own), code: k.code})
		}
	}
	for _, home := range e.homes() {
		if k.home != "" {
			add(place{dir: filepath.Join(home, k.home, own), homeless: filepath.Dir(home) == home, code: k.code})
		}
	}
	for _, temp := range e.temps() {
		add(place{dir: filepath.Join(temp, userDirName(), k.temporary, own), temporary: true, code: true})
	}
	return all
}

// homes lists the homes that the user may have.
func (e Env) homes() (homes []string) {
	for _, home := range []string{e.get(homeVariable), homeOfUser()} {
		if filepath.IsAbs(home) && !slices.Contains(homes, filepath.Clean(home)) {
			homes = append(homes, filepath.Clean(home))
		}
	}
	return homes
}

// Home returns the user's home, "" when there is none: $HOME, or the one in the user database. It need not exist.
func (e Env) Home() string {
	homes := e.homes()
	if len(homes) == 0 {
		return ""
	}
	return homes[0]
}

// sharedTemp is where temporary files are when nothing is said.
var sharedTemp = "/tmp"

// temps lists the directories of temporary files: what TMPDIR names may be absent, or not be for us.
func (e Env) temps() []string {
	if runtime.GOOS == "windows" {
		return []string{os.TempDir()}
	}
	dirs := []string{sharedTemp}
	if dir := e.get("TMPDIR"); filepath.IsAbs(dir) && filepath.Clean(dir) != sharedTemp {
		dirs = []string{filepath.Clean(dir), sharedTemp}
	}
	return dirs
}

// Temp returns the directory for temporary files: the first that can be written, or else that of the cache, which it
// makes.
func (e Env) Temp() string {
	dirs := e.temps()
	for _, dir := range dirs {
		if info, err := os.Stat(dir); err == nil && info.IsDir() && writable(dir) == nil {
			return dir
		}
	}
	const mode = 0o755
	if c := e.Cache(); c.Err == nil && Make(c.Dir, mode) == nil {
		return c.Dir
	}
	return dirs[0]
}

// check reports whether a place can be written now or after it is made: nil. shared reports whether it can at least be
// read.
func (p place) check() (shared bool, err error) {
	look := os.Stat
	if p.temporary {
		look = os.Lstat
		if err := private(filepath.Dir(filepath.Dir(p.dir))); err != nil {
			return false, err
		}
	}
	info, err := look(p.dir)
	switch {
	case missing(err) && p.homeless:
		return false, fmt.Errorf("%q is no home", filepath.VolumeName(p.dir)+string(filepath.Separator))
	case missing(err):
		return false, makeable(p.dir)
	case err != nil:
		return false, err
	}
	if !info.IsDir() {
		return false, fmt.Errorf("%s is no directory", p.dir)
	}
	if err := trusted(p.dir, info); err != nil && p.code {
		return false, err
	}
	return true, writable(p.dir)
}

// makeable reports whether a directory can be made: the nearest directory above it that is there can be written.
func makeable(dir string) error {
	for {
		parent := filepath.Dir(dir)
		info, err := os.Stat(parent)
		switch {
		case missing(err) && parent != dir:
			dir = parent
		case err != nil:
			return err
		case !info.IsDir():
			return fmt.Errorf("%s is no directory", parent)
		case isRoot() && !roots(info):
			return fmt.Errorf("%s belongs to another user", parent) // who could not use what root makes there
		default:
			return writable(parent)
		}
	}
}

// private reports whether the user's directory among the temporary files is the user's alone; one that is not there can
// be made.
func private(dir string) error {
	if err := alone(dir); !missing(err) {
		return err
	}
	return nil
}

// alone is private for a directory that has to be there.
func alone(dir string) error {
	info, err := os.Lstat(dir)
	switch {
	case err != nil:
		return err
	case !info.IsDir():
		return fmt.Errorf("%s is no directory", dir)
	case !mine(info) || others(info):
		return fmt.Errorf("%s is not ours alone: remove it", dir)
	}
	return nil
}

// first returns the first place of a kind that will do, and those that can be read at least.
func (e Env) first(k kind) (dir string, shared []string, err error) {
	var reasons []string
	for _, p := range e.places(k) {
		readable, err := p.check()
		if err == nil {
			return p.dir, shared, nil
		}
		if readable {
			shared = append(shared, p.dir)
		}
		reasons = append(reasons, reason(p.dir, err))
	}
	return "", shared, fmt.Errorf("no directory can be written (%s)", strings.Join(reasons, "; "))
}

// reason says why a place will not do, with its name once.
func reason(dir string, err error) string {
	if text := err.Error(); strings.Contains(text, string(filepath.Separator)) {
		return text
	}
	return dir + ": " + err.Error()
}

// userDir returns the user's directory among the temporary files that a directory is or lies in, "" when it lies
// elsewhere.
func (e Env) userDir(dir string) string {
	for _, temp := range e.temps() {
		user := filepath.Join(temp, userDirName())
		if rel, err := filepath.Rel(user, dir); err == nil && filepath.IsLocal(rel) {
			return user
		}
	}
	return ""
}

// above is the mode of what is made above a directory, as the specification of the XDG directories wants it.
const above = 0o700

// MakeAll makes a directory and what is missing above it, for the user alone. Among the temporary files it fails when
// the user's directory is not the user's alone: somebody may have made it since the place was checked, and could
// exchange what is below.
func MakeAll(dir string) error {
	if user := Env(nil).userDir(dir); user != "" {
		if err := os.MkdirAll(filepath.Dir(user), above); err != nil {
			return err
		}
		if err := os.Mkdir(user, above); err != nil && !os.IsExist(err) {
			return err
		}
		if err := alone(user); err != nil {
			return err
		}
	}
	return os.MkdirAll(dir, above)
}

// Make makes one of the user's directories, and what is missing above it as [MakeAll] does. It fails for one that is
// not trusted, which somebody may have made meanwhile.
func Make(dir string, mode fs.FileMode) error {
	if Env(nil).userDir(dir) == dir {
		return MakeAll(dir)
	}
	if err := MakeAll(filepath.Dir(dir)); err != nil {
		return err
	}
	if err := os.Mkdir(dir, mode); err != nil && !os.IsExist(err) {
		return err
	}
	return Trusted(dir)
}

// Trusted reports whether files, or directories, are ours or root's, and nobody else may write to them.
func Trusted(names ...string) error {
	for _, name := range names {
		info, err := os.Stat(name)
		if err != nil {
			return err
		}
		if err := trusted(name, info); err != nil {
			return err
		}
	}
	return nil
}

// TrustedIfThere is Trusted for what need not be there.
func TrustedIfThere(name string) error {
	if err := Trusted(name); !missing(err) {
		return err
	}
	return nil
}

// Own reports whether a directory is ours.
func Own(dir string) bool {
	info, err := os.Stat(dir)
	return err == nil && mine(info)
}

// OwnOfGroup reports whether a directory is ours and only a group may write to it beside us, as the umask 002 makes
// them.
func OwnOfGroup(dir string) bool {
	const all = 0o002
	info, err := os.Stat(dir)
	return err == nil && info.IsDir() && mine(info) && info.Mode().Perm()&all == 0
}

// TrustedTree tells the same of all that is below the named directories of a trusted one, and that there are no links:
// what root has unpacked may have kept another owner. A directory that is not there is fine.
func TrustedTree(dir string, names ...string) error {
	for _, name := range names {
		if err := trustedTree(filepath.Join(dir, name)); err != nil && !missing(err) {
			return err
		}
	}
	return nil
}

func trustedTree(dir string) error {
	return filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.Type()&fs.ModeSymlink != 0 {
			return fmt.Errorf("%s is a link", name)
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		return trusted(name, info)
	})
}

// Share lets others read a file, when its directory lets them.
func Share(f *os.File) error {
	const readable = 0o644
	return f.Chmod(readable)
}

// trusted reports whether a file can be relied on: see the package's comment.
func trusted(name string, info fs.FileInfo) error {
	if !mine(info) && !roots(info) {
		return fmt.Errorf("%s belongs to another user", name)
	}
	if writableByOthers(info) {
		return fmt.Errorf("%s can be written by others: chmod go-w it", name)
	}
	return nil
}

func missing(err error) bool { return os.IsNotExist(err) }
