package runtimes

import (
	"archive/tar"
	"bufio"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"

	"github.com/ulikunitz/xz"
)

// Limits bound what an archive may unpack to.
type Limits struct {
	Entries int
	Bytes   int64
	Rooted  bool // a leading "/" means the directory that it unpacks to, as with tar(1)
}

// archiveLimits are many times what a runtime has.
var archiveLimits = Limits{Entries: 100_000, Bytes: 2 << 30}

// Unpack unpacks a tar archive, compressed by xz or gzip or not at all, into dir. It takes files and directories only,
// and only names below dir: anything else in the archive is an error, and so is an archive that was cut off. Modes in
// the archive are ignored. It does not sync.
func Unpack(ctx context.Context, archive io.Reader, dir string, max Limits) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	plain, err := decompressed(archive)
	if err != nil {
		return err
	}
	u := &unpacker{root: root, left: max, buffer: make([]byte, 256<<10)}
	whole := &endReader{r: plain}
	for entries := tar.NewReader(whole); ; {
		if err := ctx.Err(); err != nil {
			return err
		}
		header, err := entries.Next()
		if errors.Is(err, io.EOF) {
			return u.end(whole)
		}
		if err != nil {
			return damaged(err)
		}
		if err := u.entry(header, entries); err != nil {
			return err
		}
	}
}

func damaged(err error) error { return fmt.Errorf("the archive is damaged: %w", err) }

// decompressed returns the tar inside.
func decompressed(archive io.Reader) (io.Reader, error) {
	b := bufio.NewReaderSize(archive, 64<<10)
	magic, _ := b.Peek(6)
	var plain io.Reader = b
	var err error
	switch {
	case string(magic) == "\xfd7zXZ\x00":
		plain, err = xz.NewReader(b)
	case strings.HasPrefix(string(magic), "\x1f\x8b"):
		plain, err = gzip.NewReader(b)
	}
	if err != nil {
		return nil, damaged(err)
	}
	return plain, nil
}

// endReader notes when more is read than there is: package tar takes the end of its input for the end of the archive.
type endReader struct {
	r     io.Reader
	last  bool
	ended bool
}

func (e *endReader) Read(b []byte) (int, error) {
	if e.last {
		e.ended = true
		return 0, io.EOF
	}
	n, err := e.r.Read(b)
	if errors.Is(err, io.EOF) {
		e.last = true
		if e.ended = n == 0; !e.ended {
			err = nil
		}
	}
	return n, err
}

type unpacker struct {
	root   *os.Root
	left   Limits
	buffer []byte
}

// end checks that the archive has its end mark, and reads what follows: the decompressor compares checksums there.
func (u *unpacker) end(whole *endReader) error {
	if whole.ended {
		return damaged(io.ErrUnexpectedEOF)
	}
	const padding = 1 << 20
	n, err := io.Copy(io.Discard, io.LimitReader(whole, padding))
	if err != nil {
		return damaged(err)
	}
	if n == padding {
		return damaged(errors.New("something follows its end"))
	}
	return nil
}

func (u *unpacker) entry(h *tar.Header, content io.Reader) error {
	name := strings.TrimSuffix(strings.TrimPrefix(h.Name, "./"), "/")
	if u.left.Rooted {
		name = strings.TrimLeft(name, "/")
	}
	if name == "" || name == "." {
		return nil
	}
	if !fs.ValidPath(name) || strings.ContainsAny(name, "\\:\x00") {
		return fmt.Errorf("the archive has an entry outside of its directory: %q", h.Name)
	}
	if u.left.Entries--; u.left.Entries < 0 {
		return errors.New("the archive has too many entries")
	}
	switch h.Typeflag {
	case tar.TypeDir:
		return u.root.MkdirAll(name, 0o700)
	case tar.TypeReg:
		return u.file(name, h.Size, content)
	}
	return fmt.Errorf("the archive has an entry that is neither a file nor a directory: %q", h.Name)
}

func (u *unpacker) file(name string, size int64, content io.Reader) error {
	if size > u.left.Bytes {
		return errors.New("the archive unpacks to too much")
	}
	u.left.Bytes -= size
	if parent := path.Dir(name); parent != "." {
		if err := u.root.MkdirAll(parent, 0o700); err != nil {
			return err
		}
	}
	f, err := u.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	err = WriteSparse(f, content, u.buffer)
	if e := f.Close(); err == nil {
		err = e
	}
	return err
}
