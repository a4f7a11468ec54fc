package install

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/internal/controlfile"
	"github.com/pglite-toolbox/pglite/internal/plainfile"
)

// state is what a directory is to somebody who wants a cluster in it.
type state int

const (
	absent   state = iota // there is nothing
	empty                 // an empty directory
	cluster               // it has a PG_VERSION
	halfMade              // an init was killed in it
	foreign               // it holds something else
)

// inspect looks at a directory and changes nothing.
func inspect(dir string) (state, error) {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if to, err := os.Readlink(dir); err == nil {
			return foreign, fmt.Errorf("%q is a link to %q, which does not exist: make that directory, or remove the "+
				"link", dir, to)
		}
		return absent, nil
	case err != nil:
		if info, e := os.Stat(dir); e == nil && !info.IsDir() {
			return foreign, fmt.Errorf("%q is a file, not a directory: name a directory for the cluster", dir)
		}
		return foreign, fmt.Errorf("data directory: %w", err)
	}
	named := func(name string) bool {
		return slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.Name() == name })
	}
	switch {
	case named("PG_VERSION"):
		return cluster, nil
	case named(workName):
		return halfMade, nil
	case len(entries) == 0:
		return empty, nil
	}
	return foreign, nil
}

// errForeign refuses a directory that holds something else.
func errForeign(dir string) error {
	advice := "name an empty or a new directory"
	if content := mountPoint(dir); content != "" {
		advice = fmt.Sprintf("it contains %s, perhaps because it is a mount point: create a subdirectory under the "+
			"mount point, and name that", content)
	}
	return fmt.Errorf("%q is not empty and %w (it has no PG_VERSION): %s", dir, engine.ErrNotCluster, advice)
}

// mountPoint names what file systems have in an empty directory of theirs, "" when there is anything else or nothing:
// initdb has the same advice for it.
func mountPoint(dir string) string {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return ""
	}
	found := ""
	for _, e := range entries {
		switch name := e.Name(); {
		case name == "lost+found":
			found = "a lost+found directory"
		case strings.HasPrefix(name, "."):
			found = cmp.Or(found, "a dot-prefixed, invisible file")
		default:
			return ""
		}
	}
	return found
}

// Check returns an error unless the runtime can open the cluster in dir: it is there, whole as far as a look at its
// control file tells, and engine.CheckCluster has nothing against it. It changes nothing. Errors: engine.ErrNotCluster,
// *engine.VersionError, *engine.LayoutError and others, each a sentence.
func Check(dir, runtime string) error {
	if err := CheckExists(dir); err != nil {
		return err
	}
	if err := engine.CheckCluster(dir, runtime); err != nil {
		return err
	}
	return checkControl(dir)
}

// CheckExists returns an error unless there is a cluster in dir, in whatever state. It changes nothing. Errors:
// engine.ErrNotCluster and others, each a sentence.
func CheckExists(dir string) error {
	if dir == engine.Memory {
		return engine.ErrMemory
	}
	s, err := inspect(dir)
	if err != nil {
		return err
	}
	switch s {
	case absent:
		return &engine.MissingError{Dir: dir}
	case empty, foreign:
		return &engine.NotClusterError{Dir: dir}
	case halfMade:
		return &engine.NotClusterError{Dir: dir, Interrupted: true}
	}
	return nil
}

func checkControl(dir string) error {
	const patience = 10 // a running server may be writing it
	for try := 1; ; try++ {
		b, err := plainfile.Read(dir, controlfile.Name)
		if errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("data directory %q is not whole: it has no global/pg_control; restore a backup", dir)
		}
		if err != nil {
			return fmt.Errorf("data directory: %w", err)
		}
		_, err = controlfile.Parse(b)
		if err == nil {
			return nil
		}
		if try == patience {
			return fmt.Errorf("data directory %q: %w; restore a backup", dir, err)
		}
		time.Sleep(10 * time.Millisecond)
	}
}
