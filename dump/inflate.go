package dump

import (
	"bufio"
	"bytes"
	"compress/zlib"
	"context"
	"errors"
	"fmt"
	"io"
)

// The runtime's pg_restore has no zlib. inflate turns an archive of pg_dump -Fc that is compressed with gzip, as it is by default, into the
// same archive without compression, as a stream. The format has no manual; it is that of PostgreSQL's src/bin/pg_dump/pg_backup_archiver.c
// (WriteHead, WriteToc) and pg_backup_custom.c, archive versions 1.10 to 1.16, PostgreSQL 8.0 to 18.

// archiveVersion is the major and minor version of the format.
type archiveVersion int

const (
	oldestArchive archiveVersion = 1<<8 | 10
	withSections  archiveVersion = 1<<8 | 11
	withMethods   archiveVersion = 1<<8 | 14 // table access methods
	withAlgorithm archiveVersion = 1<<8 | 15 // of compression, in place of the level
	withRelkind   archiveVersion = 1<<8 | 16
)

const (
	archiveMagic  = "PGDMP"
	customFormat  = 1
	versionAt     = len(archiveMagic)
	compressionAt = versionAt + 6 // three bytes of version, the sizes of integers and offsets, the format
	gzipAlgorithm = 1
	dataBlock     = 1
	blobsBlock    = 3
	offsetNotSet  = 1
	offsetSet     = 2
	longestString = 1 << 30
)

// isDeflated reports whether the archive that starts so is a custom one, compressed with gzip.
func isDeflated(start []byte) bool {
	if len(start) < compressionAt+6 || !bytes.HasPrefix(start, []byte(archiveMagic)) || start[compressionAt-1] != customFormat {
		return false
	}
	v := archiveVersion(start[versionAt])<<8 | archiveVersion(start[versionAt+1])
	switch {
	case v < oldestArchive || v > withRelkind:
		return false // let pg_restore say what it thinks
	case v >= withAlgorithm:
		return start[compressionAt] == gzipAlgorithm
	}
	size := int(start[versionAt+3])
	return size <= 4 && len(bytes.Trim(start[compressionAt+1:compressionAt+1+size], "\x00")) > 0
}

// inflated returns the archive without compression. The goroutine that makes it ends with the reading, or with ctx.
func inflated(ctx context.Context, r *bufio.Reader) io.Reader {
	out, in := io.Pipe()
	stop := context.AfterFunc(ctx, func() { _ = in.CloseWithError(context.Cause(ctx)) })
	go func() {
		defer stop()
		w := bufio.NewWriterSize(in, 64<<10)
		err := (&inflater{r: r, w: w}).run()
		if err == nil {
			err = w.Flush()
		}
		if err != nil {
			err = fmt.Errorf("uncompress the archive: %w", err)
		}
		_ = in.CloseWithError(err)
	}()
	return out
}

// inflater copies an archive.
type inflater struct {
	r       *bufio.Reader
	w       *bufio.Writer
	version archiveVersion
	ints    int // bytes of an integer
	offsets int // bytes of an offset
	buffer  []byte
}

func (c *inflater) run() error {
	steps := []func() error{c.head, c.toc, c.blocks}
	c.buffer = make([]byte, 64<<10)
	for _, step := range steps {
		if err := step(); errors.Is(err, io.EOF) {
			return io.ErrUnexpectedEOF
		} else if err != nil {
			return err
		}
	}
	return nil
}

// head copies the header, with no compression in it.
func (c *inflater) head() error {
	b := make([]byte, compressionAt)
	if _, err := io.ReadFull(c.r, b); err != nil {
		return err
	}
	c.version = archiveVersion(b[versionAt])<<8 | archiveVersion(b[versionAt+1])
	c.ints, c.offsets = int(b[versionAt+3]), int(b[versionAt+4])
	if c.ints < 1 || c.ints > 8 || c.offsets < 1 || c.offsets > 8 {
		return errors.New("its header is damaged")
	}
	_, _ = c.w.Write(b)
	if c.version >= withAlgorithm {
		if _, err := c.r.ReadByte(); err != nil {
			return err
		}
		_ = c.w.WriteByte(0)
	} else {
		if _, err := c.readInt(); err != nil {
			return err
		}
		c.writeInt(0)
	}
	const date, strings = 7, 3 // database, server's version, pg_dump's version
	return errors.Join(c.copyInts(date), c.copyStrings(strings))
}

// toc copies the table of contents; where data is in the file is not true any more.
func (c *inflater) toc() error {
	entries, err := c.copyInt()
	for ; entries > 0 && err == nil; entries-- {
		err = c.entry()
	}
	return err
}

func (c *inflater) entry() error {
	steps := []func() error{
		func() error { return c.copyInts(2) },    // dump ID, whether it has data
		func() error { return c.copyStrings(4) }, // catalog, OID, tag, description
		func() error { return c.since(withSections, c.copyInts) },
		func() error { return c.copyStrings(5) }, // definition, DROP, COPY, schema, tablespace
		func() error { return c.since(withMethods, c.copyStrings) },
		func() error { return c.since(withRelkind, c.copyInts) },
		func() error { return c.copyStrings(2) }, // owner, WITH OIDS
		c.dependencies,
		c.offset,
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// since copies one thing that archives have since a version.
func (c *inflater) since(v archiveVersion, one func(int) error) error {
	if c.version < v {
		return nil
	}
	return one(1)
}

// dependencies are strings up to a null one.
func (c *inflater) dependencies() error {
	for {
		if null, err := c.copyString(); null || err != nil {
			return err
		}
	}
}

func (c *inflater) offset() error {
	state, err := c.r.ReadByte()
	if err != nil {
		return err
	}
	if state == offsetSet {
		state = offsetNotSet
	}
	if _, err := io.ReadFull(c.r, c.buffer[:c.offsets]); err != nil {
		return err
	}
	clear(c.buffer[:c.offsets])
	_ = c.w.WriteByte(state)
	_, err = c.w.Write(c.buffer[:c.offsets])
	return err
}

// blocks copies the data of tables and large objects to the end of the file.
func (c *inflater) blocks() error {
	for {
		kind, err := c.r.ReadByte()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		_ = c.w.WriteByte(kind)
		if err := c.copyInts(1); err != nil { // the dump ID
			return err
		}
		switch kind {
		case dataBlock:
			err = c.data()
		case blobsBlock:
			err = c.blobs()
		default:
			err = fmt.Errorf("a block of unknown kind %d", kind)
		}
		if err != nil {
			return err
		}
	}
}

func (c *inflater) blobs() error {
	for {
		if oid, err := c.copyInt(); oid == 0 || err != nil {
			return err
		}
		if err := c.data(); err != nil {
			return err
		}
	}
}

// data copies one compressed stream, cut in pieces that each have their length before them.
func (c *inflater) data() error {
	pieces := &pieceReader{c: c}
	plain, err := zlib.NewReader(bufio.NewReader(pieces))
	if errors.Is(err, io.EOF) && pieces.ended {
		c.writeInt(0) // nothing at all
		return nil
	}
	if err != nil {
		return err
	}
	for {
		n, err := plain.Read(c.buffer)
		if n > 0 {
			c.writeInt(n)
			if _, err := c.w.Write(c.buffer[:n]); err != nil {
				return err
			}
		}
		if err == io.EOF { //nolint:errorlint // as io.Reader has it
			break
		}
		if err != nil {
			return err
		}
	}
	c.writeInt(0)
	_, err = io.Copy(io.Discard, pieces) // up to the piece of no length
	return err
}

// pieceReader joins the pieces.
type pieceReader struct {
	c     *inflater
	left  int
	ended bool
}

func (p *pieceReader) Read(b []byte) (int, error) {
	if p.left == 0 && !p.ended {
		n, err := p.c.readInt()
		if err != nil {
			return 0, noEOF(err)
		}
		if n < 0 {
			return 0, errors.New("a piece of negative length")
		}
		p.left, p.ended = n, n == 0
	}
	if p.ended {
		return 0, io.EOF
	}
	n, err := p.c.r.Read(b[:min(len(b), p.left)])
	p.left -= n
	return n, noEOF(err)
}

func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// readInt reads a sign and the absolute value, the lowest byte first.
func (c *inflater) readInt() (int, error) {
	var b [9]byte
	if _, err := io.ReadFull(c.r, b[:1+c.ints]); err != nil {
		return 0, err
	}
	n := 0
	for i := c.ints; i > 0; i-- {
		n = n<<8 | int(b[i])
	}
	if b[0] != 0 {
		n = -n
	}
	return n, nil
}

func (c *inflater) writeInt(n int) {
	sign := byte(0)
	if n < 0 {
		sign, n = 1, -n
	}
	_ = c.w.WriteByte(sign) // an error stays until Flush
	for range c.ints {
		_ = c.w.WriteByte(byte(n))
		n >>= 8
	}
}

func (c *inflater) copyInt() (int, error) {
	n, err := c.readInt()
	if err == nil {
		c.writeInt(n)
	}
	return n, err
}

func (c *inflater) copyInts(count int) error {
	for range count {
		if _, err := c.copyInt(); err != nil {
			return err
		}
	}
	return nil
}

// copyString copies a string, whose length comes first and is negative when it is null.
func (c *inflater) copyString() (null bool, err error) {
	n, err := c.copyInt()
	if err != nil || n < 0 {
		return n < 0, err
	}
	if n > longestString {
		return false, errors.New("a string of impossible length")
	}
	_, err = io.CopyN(c.w, c.r, int64(n))
	return false, err
}

func (c *inflater) copyStrings(count int) error {
	for range count {
		if _, err := c.copyString(); err != nil {
			return err
		}
	}
	return nil
}
