package install

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/internal/controlfile"
	"github.com/pglite-toolbox/pglite/internal/plainfile"
)

// ownerLock is the name of the owner lock in a data directory, which package engine takes.
const ownerLock = "pglite.lock"

// Description tells what is known of a cluster without starting it.
type Description struct {
	Paths
	// State is "cluster", "none" (no such directory), "empty", "interrupted" (its making was), "other" (it holds
	// something else), "denied" (it may not be looked at), "memory" or "damaged" (Problem tells how).
	State   string
	Problem string
	// Layout is "plain" or "classic".
	Layout string
	// Version is the major version of the PostgreSQL that made it.
	Version string
	// SystemIdentifier is the cluster's, as pg_controldata shows it; 0 when it could not be read.
	SystemIdentifier uint64
	// Changed is when its control file was written last.
	Changed time.Time
	// Lock is the file of the owner lock.
	Lock string
	// Owner is the process identifier of the pglite that has it open, 0 when none has.
	Owner int
	// Socket is where others attach to the owner, "" when they cannot.
	Socket string
}

// Describe looks at the cluster that dir means. It changes nothing.
func Describe(paths Paths) Description {
	d := Description{Paths: paths, Layout: "plain"}
	if paths.Data == engine.Memory {
		d.State = "memory"
		return d
	}
	for _, layout := range classic {
		if paths.Data == filepath.Join(paths.Root, layout) {
			d.Layout = "classic"
		}
	}
	s, err := inspect(paths.Data)
	if err != nil {
		d.State, d.Problem = "other", err.Error()
		if errors.Is(err, fs.ErrPermission) {
			d.State = "denied"
		}
		return d
	}
	d.State = map[state]string{
		absent: "none", empty: "empty", cluster: "cluster", halfMade: "interrupted",
		foreign: "other",
	}[s]
	if s != cluster {
		return d
	}
	if b, err := plainfile.Read(paths.Data, "PG_VERSION"); err == nil {
		d.Version = strings.TrimSpace(string(b))
	}
	d.control()
	d.Lock = filepath.Join(paths.Data, ownerLock)
	d.Owner, d.Socket, _ = engine.Owner(paths.Data)
	return d
}

// control reads the control file.
func (d *Description) control() {
	if err := checkControl(d.Data); err != nil {
		d.State, d.Problem = "damaged", err.Error()
		return
	}
	b, err := plainfile.Read(d.Data, controlfile.Name)
	if err != nil {
		return
	}
	if c, err := controlfile.Parse(b); err == nil {
		d.SystemIdentifier = c.SystemIdentifier()
	}
	if info, err := os.Stat(filepath.Join(d.Data, filepath.FromSlash(controlfile.Name))); err == nil {
		d.Changed = info.ModTime().Truncate(time.Second)
	}
}
