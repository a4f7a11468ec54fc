package install

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/pglite-toolbox/pglite/engine"
)

// backupLimits: a backup is the user's own, of any size.
var backupLimits = limits{entries: 1 << 30, bytes: 1 << 50}

// restore unpacks a physical backup into dir, an empty directory, and syncs it. The backup is a tar archive of a data directory, as
// pglite backup and pg_basebackup --format=tar make it. The server replays the WAL in it when it starts.
func (m *maker) restore(ctx context.Context, dir string) error {
	f, err := os.Open(m.backup)
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	defer f.Close()
	m.progress("unpacking the backup")
	if err := unpack(ctx, f, dir, backupLimits); err != nil {
		return fmt.Errorf("backup %q: %w", m.backup, err)
	}
	if _, err := os.Stat(filepath.Join(dir, "PG_VERSION")); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("backup %q holds no data directory: it has no PG_VERSION", m.backup)
	}
	err = Check(dir, m.runtime)
	if other := (*engine.VersionError)(nil); errors.As(err, &other) {
		err = &engine.VersionError{Dir: m.backup, Have: other.Have, Need: other.Need}
	}
	if err != nil {
		return fmt.Errorf("backup %q: %w", m.backup, err)
	}
	// What says that a server runs is not true of the copy.
	for _, name := range []string{"postmaster.pid", "postmaster.opts", ownerLock} {
		if err := os.Remove(filepath.Join(dir, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return syncTree(ctx, dir)
}
