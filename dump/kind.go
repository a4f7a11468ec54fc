package dump

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/ulikunitz/xz"
)

// kind is what a file to restore is.
type kind int

const (
	plain     kind = iota // SQL
	archive               // pg_dump -Fc
	tarball               // pg_dump -Ft
	directory             // pg_dump -Fd
)

// head is how much of a file tells its kind: a block of tar.
const head = 512

// ErrBackup tells that a file is a physical backup of a whole cluster, which is restored by making a cluster from it.
var ErrBackup = errors.New("a tar archive and no dump of pg_dump -Ft: when it is a physical backup of a cluster, " +
	"as PGlite's dumpDataDir makes one, too, make a cluster from it")

// ErrDataDirectory tells that a data directory was named as a dump.
var ErrDataDirectory = errors.New("the data directory of a cluster, not a dump")

// source is an opened file to restore.
type source struct {
	kind  kind
	r     io.Reader
	size  int64         // of the file, 0 when it is not known
	count *countingFile // how much of the file was read
	close func() error
	// whole tells what is missing of the data and pg_restore does not notice.
	whole func(context.Context) error
}

// openSource opens a file, or reads stdin for "-". A compressed file is uncompressed on the way.
func openSource(name string, stdin io.Reader) (*source, error) {
	s := &source{close: func() error { return nil }, whole: func(context.Context) error { return nil }}
	if name == "-" {
		s.count = &countingFile{r: stdin}
		return s, s.sniff("standard input")
	}
	info, err := os.Stat(name)
	if err != nil {
		return nil, fmt.Errorf("restore: %w", err)
	}
	if info.IsDir() {
		if _, err := os.Stat(filepath.Join(name, "toc.dat")); err != nil {
			if _, err := os.Stat(filepath.Join(name, "PG_VERSION")); err == nil {
				return nil, fmt.Errorf("restore: %q is %w", name, ErrDataDirectory)
			}
			return nil, fmt.Errorf("restore: directory %q is not a dump of pg_dump -Fd: it has no toc.dat", name)
		}
		s.kind = directory
		s.whole = func(ctx context.Context) error { return wholeDirectory(ctx, name) }
		return s, nil
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("restore: %w", err)
	}
	s.count, s.size, s.close = &countingFile{r: f}, info.Size(), f.Close
	if err := s.sniff(name); err != nil {
		_ = f.Close()
		return nil, err
	}
	if s.kind == tarball && info.Mode().IsRegular() {
		s.whole = func(context.Context) error { return wholeTar(io.NewSectionReader(f, 0, s.size)) }
	}
	return s, nil
}

// sniff finds out what there is, under one layer of compression.
func (s *source) sniff(name string) error {
	b := bufio.NewReaderSize(s.count, 64<<10)
	s.r = b
	start, err := b.Peek(head)
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("restore %s: %w", name, err)
	}
	unpacked, err := uncompressed(b, start)
	if err != nil {
		return fmt.Errorf("restore %s: %w", name, err)
	}
	if unpacked != nil {
		b = bufio.NewReaderSize(unpacked, 64<<10)
		s.r = b
		if start, err = b.Peek(head); err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("restore %s: %w", name, err)
		}
	}
	if len(start) == 0 {
		return fmt.Errorf("%s is empty: there is nothing to restore", name)
	}
	text, err := utf16Reader(b, start)
	if err == nil && text != nil {
		b = bufio.NewReaderSize(text, 64<<10)
		s.r = b
		if start, err = b.Peek(head); errors.Is(err, io.EOF) {
			err = nil
		}
	}
	if err == nil {
		s.kind, err = kindOf(start)
	}
	if err == nil && s.kind != plain && unpacked != nil {
		err = errors.New("an archive that was compressed once more: uncompress it first")
	}
	if err != nil {
		return fmt.Errorf("%s is %w", name, err)
	}
	return nil
}

// uncompressed returns a reader of what was compressed with gzip, xz or bzip2, nil for anything else.
func uncompressed(r io.Reader, start []byte) (io.Reader, error) {
	switch {
	case bytes.HasPrefix(start, []byte{0x1f, 0x8b}):
		return gzip.NewReader(r)
	case bytes.HasPrefix(start, []byte("\xfd7zXZ\x00")):
		return xz.NewReader(r)
	case isBzip2(start):
		return bunzip2(r), nil
	}
	return nil, nil
}

// kindOf tells by the first bytes.
func kindOf(start []byte) (kind, error) {
	if bytes.HasPrefix(start, []byte("PGDMP")) {
		return archive, nil
	}
	if len(start) < head || string(start[257:262]) != "ustar" && !bytes.HasPrefix(start, []byte("toc.dat\x00")) {
		if err := foreign(bytes.TrimLeft(bytes.TrimPrefix(start, []byte("\ufeff")), " \t\r\n")); err != nil {
			return plain, err
		}
		return plain, noText(start)
	}
	h, err := tar.NewReader(bytes.NewReader(start)).Next()
	if err != nil {
		return plain, fmt.Errorf("a tar archive that cannot be read: %w", err)
	}
	if strings.TrimPrefix(h.Name, "./") == "toc.dat" {
		return tarball, nil
	}
	return plain, ErrBackup
}
