package engine

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"

	"github.com/pglite-toolbox/pglite/engine/internal/kernel"
	"github.com/pglite-toolbox/pglite/internal/controlfile"
	"github.com/pglite-toolbox/pglite/internal/plainfile"
)

// LayoutError tells that a cluster is of the runtime's major version, but was made by a PostgreSQL that was built
// otherwise, so that its files cannot be read here.
type LayoutError struct {
	Dir        string
	Wide       bool   // it was made by a 64-bit PostgreSQL; ours is a 32-bit one
	Difference string // the first that was found
}

func (e *LayoutError) Error() string {
	by := "a PostgreSQL that was built otherwise (" + e.Difference + ")"
	if e.Wide {
		by = "a 64-bit PostgreSQL, and this is a 32-bit one"
	}
	return fmt.Sprintf("data directory %q was made by %s: dump it there and restore the dump here", e.Dir, by)
}

// ForeignError tells that a PostgreSQL which is not pglite runs on the directory. It is an ErrLocked, too.
type ForeignError struct {
	Dir string
	PID int
}

func (e *ForeignError) Error() string {
	return fmt.Sprintf("data directory %q is in use by another PostgreSQL, process %d, as its postmaster.pid says: "+
		"stop that one first (pg_ctl stop)", e.Dir, e.PID)
}

// Is makes errors.Is(err, ErrLocked) true.
func (e *ForeignError) Is(target error) bool { return target == ErrLocked }

// CheckCluster returns an error unless a server of the runtime may start on the data directory dir: a cluster of this
// user, of the runtime's major version and layout, with a mode that PostgreSQL accepts, on which no other PostgreSQL of
// this machine runs. It is a look from outside: nothing is locked, and nothing changes. A damaged control file is the
// server's to report, or a tool's to mend. Errors: ErrNotCluster, *OwnershipError, *VersionError, *LayoutError,
// *ForeignError and others, each a sentence.
func CheckCluster(dir, runtime string) error {
	if dir == Memory {
		return ErrMemory
	}
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return &MissingError{dir}
	}
	for _, check := range []func(dir, runtime string) error{
		checkUser, checkMajor, checkLayout, checkMode,
		checkConfiguration, checkAlone,
	} {
		if err := check(dir, runtime); err != nil {
			return err
		}
	}
	return nil
}

// checkUser refuses what another user owns.
func checkUser(dir, _ string) error { return CheckOwnership(dir) }

// checkMajor refuses what is no cluster of the runtime's major version.
func checkMajor(dir, runtime string) error {
	content, err := plainfile.Read(dir, "PG_VERSION")
	if errors.Is(err, fs.ErrNotExist) {
		return &NotClusterError{Dir: dir}
	}
	if err != nil {
		return fmt.Errorf("data directory: %w", err)
	}
	need, err := majorOf(runtime)
	if err != nil {
		return err
	}
	have := strings.TrimSpace(string(content))
	if number, err := strconv.ParseFloat(have, 64); err != nil || number <= 0 || len(have) > len("9.6.24") {
		return fmt.Errorf("data directory %q: its PG_VERSION names no version of PostgreSQL; restore a backup", dir)
	}
	if have != need {
		return &VersionError{Dir: dir, Have: have, Need: need}
	}
	return nil
}

// majorOf returns the major version of a runtime, from its manifest's full version.
func majorOf(runtime string) (string, error) {
	m, err := ReadManifest(filepath.Join(runtime, "manifest.json"))
	if err != nil {
		return "", err
	}
	major, _, _ := strings.Cut(m.PostgreSQL, ".")
	return major, nil
}

// checkLayout compares the control file with that of the runtime's template, if it has one.
func checkLayout(dir, runtime string) error {
	want, err := layoutIn(filepath.Join(runtime, TemplateDir))
	if err != nil {
		return nil //nolint:nilerr // the runtime that the template is being made with
	}
	have, err := layoutIn(dir)
	if err != nil {
		return nil //nolint:nilerr // see CheckCluster
	}
	if difference := have.Difference(want); difference != "" {
		return &LayoutError{Dir: dir, Wide: have.Float8ByVal && !want.Float8ByVal, Difference: difference}
	}
	return nil
}

func layoutIn(dir string) (controlfile.Layout, error) {
	content, err := plainfile.Read(dir, controlfile.Name)
	if err != nil {
		return controlfile.Layout{}, err
	}
	f, err := controlfile.Parse(content)
	if err != nil {
		return controlfile.Layout{}, err
	}
	return f.Layout()
}

// checkMode refuses what PostgreSQL's checkDataDir refuses: a directory that others may look into or the group may
// change.
func checkMode(dir, _ string) error {
	const forbidden = 0o027 // PG_MODE_MASK_GROUP
	info, err := os.Stat(dir)
	if err != nil {
		return fmt.Errorf("data directory: %w", err)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&forbidden != 0 {
		return fmt.Errorf("data directory %q has mode %04o, and PostgreSQL starts with 0700 or 0750 only: chmod 0700 "+
			"%s", dir, info.Mode().Perm(), dir)
	}
	return nil
}

// checkAlone refuses a directory on which another PostgreSQL of this machine runs: it knows nothing of our lock, and
// our server cannot ask after its process. A process of that identifier counts only if postmaster.pid names the
// directory as this machine does, which those in containers do not. Our own servers do not count either: their process
// identifiers are larger than those of operating systems.
func checkAlone(dir, _ string) error {
	content, err := plainfile.Read(dir, "postmaster.pid")
	if err != nil {
		return nil //nolint:nilerr // nobody says that it runs
	}
	lines := strings.Split(string(content), "\n")
	if len(lines) < 2 || strings.TrimSpace(lines[1]) == guestData || !sameDir(strings.TrimSpace(lines[1]), dir) {
		return nil
	}
	// negative: a server for a single user
	pid, err := strconv.Atoi(strings.TrimPrefix(strings.TrimSpace(lines[0]), "-"))
	if err != nil || pid <= 0 || pid >= kernel.FirstPID || pid == os.Getpid() || pid == os.Getppid() || !alive(pid) {
		return nil //nolint:nilerr // left by a crash
	}
	return &ForeignError{Dir: dir, PID: pid}
}

func sameDir(a, b string) bool {
	there, err := os.Stat(a)
	if err != nil || !filepath.IsAbs(a) {
		return false
	}
	here, err := os.Stat(b)
	return err == nil && os.SameFile(there, here)
}

// alive reports whether a process runs that we may signal; another user's has nothing to do with our directory.
func alive(pid int) bool {
	p, err := os.FindProcess(pid)
	if err != nil {
		return false
	}
	defer func() { _ = p.Release() }()
	return runtime.GOOS == "windows" || p.Signal(syscall.Signal(0)) == nil
}
