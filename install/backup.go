package install

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/internal/durable"
	"github.com/pglite-toolbox/pglite/internal/runtimes"
)

// ErrDump means that the file of Options.Backup is no backup.
var ErrDump = errors.New("a dump of pg_dump: make a cluster without it, and restore the dump there")

// backupLimits: a backup is the user's own, of any size. PGlite's dumpDataDir writes "/PG_VERSION".
var backupLimits = runtimes.Limits{Entries: 1 << 30, Bytes: 1 << 50, Rooted: true}

// restore unpacks a physical backup into dir, an empty directory, and syncs it. The backup is a tar archive of a data
// directory, as pglite backup makes it, pg_basebackup --format=tar of a pglite server, and dumpDataDir of a PGlite of
// the same major version. The server replays the WAL in it when it starts.
func (m *maker) restore(ctx context.Context, dir string) error {
	f, err := os.Open(m.backup)
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return fmt.Errorf("backup %q is a directory: name the tar archive in it, or open it if it is a data directory",
			m.backup)
	}
	var start [64]byte
	n, _ := f.ReadAt(start[:], 0)
	if isDump(start[:n]) {
		return fmt.Errorf("backup %q is %w", m.backup, ErrDump)
	}
	m.progress("unpacking the backup")
	if err := runtimes.Unpack(ctx, f, dir, backupLimits); err != nil {
		return fmt.Errorf("backup %q: %w", m.backup, err)
	}
	if _, err := os.Stat(filepath.Join(dir, "PG_VERSION")); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("backup %q holds no data directory: it has no PG_VERSION", m.backup)
	}
	// What says that a server runs is not true of the copy.
	for _, name := range []string{"postmaster.pid", "postmaster.opts", ownerLock} {
		if err := os.Remove(filepath.Join(dir, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if err := Check(dir, m.runtime); err != nil {
		return m.unusable(err)
	}
	return durable.Tree(ctx, dir)
}

// isDump tells by the first bytes an archive of pg_dump and SQL.
func isDump(start []byte) bool {
	return bytes.HasPrefix(start, []byte("PGDMP")) || bytes.Contains(start, []byte("-- PostgreSQL database "))
}

// unusable tells of a backup whose cluster cannot be opened. Its directory is a temporary one: the file is what users
// know.
func (m *maker) unusable(err error) error {
	version, layout := (*engine.VersionError)(nil), (*engine.LayoutError)(nil)
	switch {
	case errors.As(err, &version):
		err = &engine.VersionError{Dir: m.backup, Have: version.Have, Need: version.Need}
	case errors.As(err, &layout):
		err = &engine.LayoutError{Dir: m.backup, Wide: layout.Wide, Difference: layout.Difference}
	}
	return fmt.Errorf("backup %q: %w", m.backup, err)
}
