package dump

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// wholeDirectory reads the files of a dump of pg_dump -Fd that are compressed with gzip to their end: pg_restore takes
// the end of one that is cut or damaged for the end of its rows. In those of the other methods it is not told.
func wholeDirectory(ctx context.Context, name string) error {
	files, err := os.ReadDir(name)
	if err != nil {
		return err
	}
	for _, file := range files {
		if !strings.HasSuffix(file.Name(), ".dat.gz") {
			continue
		}
		if err := wholeGzip(ctx, filepath.Join(name, file.Name())); err != nil {
			return fmt.Errorf("%s is damaged: %w", file.Name(), err)
		}
	}
	return nil
}

func wholeGzip(ctx context.Context, name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	r, err := gzip.NewReader(until{ctx, f})
	if err == nil {
		_, err = io.Copy(io.Discard, r)
	}
	if errors.Is(err, io.EOF) { // there is nothing at all
		err = io.ErrUnexpectedEOF
	}
	return err
}

// until is a reader whose Reads fail when ctx is done.
type until struct {
	ctx context.Context
	r   io.Reader
}

// Read implements io.Reader.
func (u until) Read(b []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	return u.r.Read(b)
}

// wholeTar goes from header to header: pg_restore takes the end of a file of pg_dump -Ft that is cut for the end of its
// rows, or never ends itself. When r is an io.Seeker it reads nothing else.
func wholeTar(r io.Reader) error {
	for t := tar.NewReader(r); ; {
		switch _, err := t.Next(); {
		case errors.Is(err, io.ErrUnexpectedEOF):
			return ErrCut
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("a tar archive that cannot be read: %w", err)
		}
	}
}

// tarStream passes an archive of pg_dump -Ft on. It tells cut that it is not whole before pg_restore reads its end.
type tarStream struct {
	r   io.Reader
	cut func(error)

	to   *io.PipeWriter
	done chan struct{}
	err  error // when done is closed
}

func newTarStream(r io.Reader, cut func(error)) *tarStream {
	from, to := io.Pipe()
	s := &tarStream{r: r, cut: cut, to: to, done: make(chan struct{})}
	go func() {
		defer close(s.done)
		s.err = wholeTar(from)
		_, _ = io.Copy(io.Discard, from) // what comes after its end, if anything
	}()
	return s
}

// Read implements io.Reader.
func (s *tarStream) Read(b []byte) (int, error) {
	n, err := s.r.Read(b)
	_, _ = s.to.Write(b[:n])
	switch {
	case err == nil:
	case !errors.Is(err, io.EOF):
		s.cut(err)
	default:
		if s.close(); s.err != nil {
			s.cut(s.err)
		}
	}
	return n, err
}

// close waits until nothing is looked at any more. Idempotent, and safe for concurrent use.
func (s *tarStream) close() {
	_ = s.to.Close()
	<-s.done
}
