package engine

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/pglite-toolbox/pglite/internal/plainfile"
)

// Directories whose content is the running server's only, and is made anew by the next, and what else is not in a
// backup (https://www.postgresql.org/docs/18/protocol-replication.html#PROTOCOL-REPLICATION-BASE-BACKUP).
var (
	emptied = []string{
		"pg_dynshmem", "pg_notify", "pg_replslot", "pg_serial", "pg_snapshots", "pg_stat_tmp",
		"pg_subtrans", "pg_wal",
	}
	skipped = []string{
		"postmaster.pid", "postmaster.opts", "backup_label", "backup_label.old", "tablespace_map", "tablespace_map.old",
		"backup_manifest",
		"postgresql.auto.conf.tmp", "current_logfiles.tmp", "global/pg_control", lockName,
	}
)

// files copies the data directory but for the WAL and the control file.
func (b *backup) files() error {
	return fs.WalkDir(b.root.FS(), ".", func(rel string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) && rel != "." {
			return nil // the server has removed it
		}
		if err != nil {
			return err
		}
		if err := b.ctx.Err(); err != nil {
			return err
		}
		base := path.Base(rel)
		switch {
		case rel == ".", slices.Contains(skipped, rel), strings.HasPrefix(base, "pg_internal.init"),
			strings.HasPrefix(base, ".pglite"):
			return skip(d, rel)
		case strings.HasPrefix(base, "pgsql_tmp"):
			return skip(d, rel)
		case d.IsDir():
			if err := b.directory(rel); err != nil || !slices.Contains(emptied, rel) {
				return err
			}
			return b.emptied(rel)
		case d.Type().IsRegular():
			return b.file(rel)
		}
		return nil
	})
}

// skip leaves a file or directory out.
func skip(d fs.DirEntry, rel string) error {
	if d.IsDir() && rel != "." {
		return fs.SkipDir
	}
	return nil
}

// emptied adds the directories in a directory whose files are left out.
func (b *backup) emptied(rel string) error {
	if rel == "pg_wal" {
		for _, sub := range []string{"archive_status", "summaries"} {
			if info, err := b.root.Stat(path.Join(rel, sub)); err == nil && info.IsDir() {
				if err := b.directory(path.Join(rel, sub)); err != nil {
					return err
				}
			}
		}
	}
	return fs.SkipDir
}

func (b *backup) directory(rel string) error {
	return b.tar.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: rel + "/", Mode: 0o700, ModTime: b.now})
}

func (b *backup) bytes(rel string, content []byte) error {
	err := b.tar.WriteHeader(&tar.Header{
		Typeflag: tar.TypeReg, Name: rel, Mode: 0o600, Size: int64(len(content)),
		ModTime: b.now,
	})
	if err == nil {
		_, err = b.tar.Write(content)
	}
	return err
}

// file copies a file as long as it is now. What the server cuts off meanwhile becomes zeros: the WAL has it.
func (b *backup) file(rel string) error {
	f, err := plainfile.OpenIn(b.root, rel, os.O_RDONLY)
	if errors.Is(err, fs.ErrNotExist) && rel != "global/pg_control" {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if err := b.tar.WriteHeader(&tar.Header{
		Typeflag: tar.TypeReg, Name: rel, Mode: 0o600, Size: info.Size(),
		ModTime: info.ModTime(),
	}); err != nil {
		return err
	}
	n, err := io.CopyN(b.tar, f, info.Size())
	if errors.Is(err, io.EOF) {
		_, err = io.CopyN(b.tar, zeros{}, info.Size()-n)
	}
	return err
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) {
	clear(b)
	return len(b), nil
}

// wal adds the segments from the first to the last, and the histories of timelines.
func (b *backup) wal(last string) error {
	entries, err := b.list("pg_wal")
	if err != nil {
		return err
	}
	have := map[string]bool{}
	for _, e := range entries {
		name := e.Name()
		segment := len(name) == len(b.first) && name >= b.first && name <= last
		if !segment && !strings.HasSuffix(name, ".history") {
			continue
		}
		have[name] = segment
		if err := b.file("pg_wal/" + name); err != nil {
			return err
		}
	}
	for _, name := range []string{b.first, last} {
		if !have[name] {
			return fmt.Errorf("WAL segment %s has been removed while the backup ran", name)
		}
	}
	return nil
}
