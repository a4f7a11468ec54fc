package engine

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pglite-toolbox/pglite/internal/controlfile"
	"github.com/pglite-toolbox/pglite/internal/plainfile"
)

// emptyDirs are the directories of a cluster that may be empty. What copies files only, such as Git, S3 and many
// archivers, loses them, and PostgreSQL does not start without. Parents come first.
var emptyDirs = []string{
	"pg_commit_ts", "pg_dynshmem", "pg_logical", "pg_logical/mappings", "pg_logical/snapshots", "pg_notify",
	"pg_replslot", "pg_serial",
	"pg_snapshots", "pg_stat", "pg_stat_tmp", "pg_subtrans", "pg_tblspc", "pg_twophase", "pg_wal/archive_status",
	"pg_wal/summaries",
}

// filledDirs are the directories that always hold something.
var filledDirs = []string{"base", "global", "pg_multixact/members", "pg_multixact/offsets", "pg_wal", "pg_xact"}

// DirectoriesError reports directories that are missing and may have held data.
type DirectoriesError struct {
	Dir     string
	Missing []string
	Why     string
	// Repairable reports that [RepairDirectories] can make them; what they held is gone then.
	Repairable bool
}

func (e *DirectoriesError) Error() string {
	return fmt.Sprintf("data directory %q has no %s, %s", e.Dir, strings.Join(e.Missing, ", "), e.Why)
}

// LinkError reports that pg_wal is a symbolic link that leads out of the data directory. The server sees only what is
// mounted there.
type LinkError struct {
	Dir, Target string
	Mount       Mount // what has to be in Config.Mounts

	cause error
}

func (e *LinkError) Error() string {
	return fmt.Sprintf("data directory %q: look into pg_wal, a link to %q: %v; a link that leads out of the data "+
		"directory leads "+
		"to what is mounted there", e.Dir, e.Target, e.cause)
}

// Unwrap returns the error of the file system.
func (e *LinkError) Unwrap() error { return e.cause }

// MissingDirectories lists the directories that a cluster lacks and that a start makes, because they hold nothing or
// what a start makes anew. The error is a *DirectoriesError when others are missing. Nothing changes.
func MissingDirectories(dir string) (missing []string, err error) {
	return missingDirectories(dir, nil)
}

// missingDirectories is MissingDirectories for a server that sees the mounts.
func missingDirectories(dir string, mounts []Mount) (missing []string, err error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	absent := func(name string) bool {
		_, err := root.Lstat(filepath.FromSlash(name))
		return errors.Is(err, fs.ErrNotExist)
	}
	var lost []string
	for _, name := range filledDirs {
		if absent(name) {
			lost = append(lost, name)
		}
	}
	for _, name := range slices.Concat(filledDirs, emptyDirs) { // a FIFO would wait for its other end when it is opened
		if info, err := root.Stat(filepath.FromSlash(name)); err == nil && !info.IsDir() {
			return nil, fmt.Errorf("data directory %q: %s is no directory: restore a backup", dir, name)
		}
	}
	if len(lost) > 0 {
		return nil, &DirectoriesError{
			Dir: dir, Missing: lost,
			Why: "and nothing can replace what was in it: restore a backup",
		}
	}
	if absent("recovery.signal") && absent("standby.signal") { // those get WAL from elsewhere
		if err := checkWAL(root, dir, mounts); err != nil {
			return nil, err
		}
	}
	for _, name := range emptyDirs {
		if absent(name) {
			missing = append(missing, name)
		}
	}
	if suspect := withData(dir, missing); len(suspect) > 0 {
		return missing, &DirectoriesError{
			dir, suspect,
			"which may have held data (prepared transactions, commit timestamps): restore a backup", true,
		}
	}
	return missing, nil
}

// checkWAL reports whether there is any file of WAL, as far as it can look: what is mounted is the server's to look at.
func checkWAL(root *os.Root, dir string, mounts []Mount) error {
	entries, err := fs.ReadDir(root.FS(), "pg_wal")
	if err != nil {
		return unreadableWAL(root, dir, mounts, err)
	}
	if !slices.ContainsFunc(entries, func(e fs.DirEntry) bool {
		return strings.ContainsAny(e.Name()[:1], "0123456789ABCDEF")
	}) {
		return &DirectoriesError{
			Dir: dir, Missing: []string{"segment in pg_wal"},
			Why: "and the start needs the last checkpoint there: restore a backup",
		}
	}
	return nil
}

// unreadableWAL says why pg_wal cannot be looked into; nil when it is a link to what is mounted, as initdb --waldir
// makes one.
func unreadableWAL(root *os.Root, dir string, mounts []Mount, why error) error {
	target, err := root.Readlink("pg_wal")
	if err != nil {
		return fmt.Errorf("data directory %q: look into pg_wal: %w", dir, why)
	}
	at := target
	if !filepath.IsAbs(at) {
		at = filepath.Join(dir, at)
	}
	if at, err = filepath.Abs(at); err != nil {
		return err
	}
	for _, m := range mounts {
		if rel, err := filepath.Rel(filepath.FromSlash(m.Guest), at); err == nil && filepath.IsLocal(rel) {
			return nil
		}
	}
	return &LinkError{Dir: dir, Target: target, Mount: Mount{Host: at, Guest: at}, cause: why}
}

// withData returns those of the missing directories that the cluster's settings let have data.
func withData(dir string, missing []string) (suspect []string) {
	b, err := plainfile.Read(dir, controlfile.Name)
	if err != nil {
		return nil
	}
	f, err := controlfile.Parse(b)
	if err != nil {
		return nil
	}
	s, err := f.Settings()
	if err != nil {
		return nil
	}
	for name, filled := range map[string]bool{
		"pg_twophase":  s.MaxPreparedTransactions > 0,
		"pg_commit_ts": s.TrackCommitTimestamp,
	} {
		if filled && slices.Contains(missing, name) {
			suspect = append(suspect, name)
		}
	}
	slices.Sort(suspect)
	return suspect
}

// makeDirectories makes the directories that MissingDirectories lists, durably. The caller owns the cluster.
func makeDirectories(dir string, names []string) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	info, err := root.Stat(".")
	if err != nil {
		return err
	}
	for _, name := range names {
		name = filepath.FromSlash(name)
		if err := root.Mkdir(name, info.Mode().Perm()); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
		if parent, err := root.Open(filepath.Dir(name)); err == nil {
			_ = parent.Sync() // Windows cannot
			_ = parent.Close()
		}
	}
	return nil
}

// RepairDirectories makes the directories that a cluster lacks, also those that may have held data: what was in them is
// gone. It fails where nothing can be repaired. No server may run.
func RepairDirectories(dir string) (made []string, err error) {
	lock, err := lockDir(dir)
	if err != nil {
		return nil, err
	}
	defer lock.unlock()
	made, err = MissingDirectories(dir)
	if err != nil && len(made) == 0 {
		return nil, err
	}
	return made, makeDirectories(dir, made)
}

// completeDirectories makes the missing directories of the cluster that is about to start, and says so.
func (s *ownServer) completeDirectories() error {
	dir := s.guest.cfg.DataDir
	missing, err := missingDirectories(dir, s.guest.cfg.Mounts)
	if err != nil || len(missing) == 0 {
		return err
	}
	if err := makeDirectories(dir, missing); err != nil {
		return fmt.Errorf("data directory %q: make the missing directories: %w", dir, err)
	}
	text := "made the empty directories that were missing: " + strings.Join(missing, ", ")
	fmt.Fprintf(s.log, "pglite: %s\n", text)
	s.guest.cfg.progress(text)
	return nil
}
