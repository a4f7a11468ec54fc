package engine

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/ulikunitz/xz"

	"github.com/pglite-toolbox/pglite/internal/partial"
)

// compression is a way to compress by the ending of a file's name.
type compression struct {
	ending string
	pack   func(io.Writer) (io.WriteCloser, error)
	unpack func(io.Reader) (io.Reader, error)
}

var compressions = []compression{
	{
		".tar.xz", func(w io.Writer) (io.WriteCloser, error) { return xz.NewWriter(w) },
		func(r io.Reader) (io.Reader, error) { return xz.NewReader(r) },
	},
	{
		".tar.gz", func(w io.Writer) (io.WriteCloser, error) { return gzip.NewWriter(w), nil },
		func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) },
	},
	{
		".tar", func(w io.Writer) (io.WriteCloser, error) { return unpacked{w}, nil },
		func(r io.Reader) (io.Reader, error) { return r, nil },
	},
}

type unpacked struct{ io.Writer }

func (unpacked) Close() error { return nil }

// BackupFile is Backup to a new file, compressed as its name ends: .tar.xz, .tar.gz, .tar. The file gets its name when
// it is whole, on stable storage, and has been read again and compared. An error that is fs.ErrExist tells that there
// is a file of the name.
func (db *DB) BackupFile(ctx context.Context, name string, o BackupOptions) (err error) {
	c, err := compressionOf(name)
	if err != nil {
		return err
	}
	if _, err := os.Lstat(name); err == nil {
		return fmt.Errorf("back up to %q: %w: pglite does not overwrite a backup", name, fs.ErrExist)
	}
	unnamed, err := partial.NewFile(name)
	if err != nil {
		return fmt.Errorf("back up to %q: %w", name, err)
	}
	defer unnamed.Discard() // its other name stays
	f := unnamed.File()
	sum := sha256.New()
	if err := db.writeBackup(ctx, f, c, sum, o); err != nil {
		return err
	}
	if o.Progress != nil {
		o.Progress("reading the backup again")
	}
	if err := verifyBackup(ctx, f, c, sum.Sum(nil)); err != nil {
		if ctx.Err() != nil {
			return fmt.Errorf("back up to %q: %w", name, context.Cause(ctx))
		}
		return fmt.Errorf("the backup was written but cannot be read again, and is removed: %w", err)
	}
	return place(unnamed.Name, name)
}

func compressionOf(name string) (compression, error) {
	for _, c := range compressions {
		if strings.HasSuffix(strings.ToLower(name), c.ending) || c.ending == ".tar.gz" &&
			strings.HasSuffix(name, ".tgz") {
			return c, nil
		}
	}
	return compression{}, fmt.Errorf("back up to %q: the name has to end in .tar.xz, .tar.gz or .tar, which tells how "+
		"to compress", name)
}

func (db *DB) writeBackup(ctx context.Context, f *os.File, c compression, sum hash.Hash, o BackupOptions) error {
	packed, err := c.pack(f)
	if err != nil {
		return err
	}
	if err := db.Backup(ctx, io.MultiWriter(packed, sum), o); err != nil {
		return err
	}
	if err := packed.Close(); err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	return f.Sync()
}

// verifyBackup reads the archive and compares it with the checksum of what was written.
func verifyBackup(ctx context.Context, f *os.File, c compression, want []byte) error {
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	plain, err := c.unpack(cancelled{ctx, f})
	if err != nil {
		return err
	}
	sum := sha256.New()
	seen := map[string]bool{}
	tee := io.TeeReader(plain, sum)
	for archive := tar.NewReader(tee); ; {
		h, err := archive.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		seen[h.Name] = true
	}
	if _, err := io.Copy(io.Discard, tee); err != nil {
		return err
	}
	for _, name := range []string{"PG_VERSION", "global/pg_control", "backup_label"} {
		if !seen[name] {
			return fmt.Errorf("%s is not in it", name)
		}
	}
	if string(sum.Sum(nil)) != string(want) {
		return errors.New("its content has changed")
	}
	return nil
}

// cancelled is a reader that ends with its context.
type cancelled struct {
	ctx context.Context
	r   io.Reader
}

// Read implements io.Reader.
func (c cancelled) Read(b []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(b)
}

// place gives a file its name unless there is one.
func place(partial, name string) error {
	err := os.Link(partial, name)
	if err != nil && !errors.Is(err, fs.ErrExist) { // a file system without links
		err = os.Rename(partial, name)
	}
	if err != nil {
		return fmt.Errorf("name the backup: %w", err)
	}
	// so that the name, too, is on stable storage, where that is possible
	if d, err := os.Open(filepath.Dir(name)); err == nil {
		_ = d.Sync()
		_ = d.Close()
	}
	return nil
}
