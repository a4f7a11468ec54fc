package format

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
)

// rowMemory is how many bytes of rows are kept in memory; what comes after goes to a temporary file.
const rowMemory = 4 << 20

// rowStore keeps the rows of a result that can be printed only when all have been seen. Few stay in memory, many go to a
// temporary file, so that a result of any size is printed in flat memory. The zero value works.
type rowStore struct {
	rows  int
	limit int // for tests; rowMemory when it is zero
	kept  []byte
	file  *os.File
	w     *bufio.Writer
}

// add keeps a row.
func (s *rowStore) add(cells [][]byte) error {
	s.rows++
	size := 0
	for _, cell := range cells {
		size += len(cell)
	}
	s.kept = binary.AppendUvarint(s.kept, uint64(size))
	for _, cell := range cells {
		s.kept = binary.AppendUvarint(s.kept, uint64(len(cell)))
	}
	for _, cell := range cells {
		s.kept = append(s.kept, cell...)
	}
	limit := s.limit
	if limit == 0 {
		limit = rowMemory
	}
	if len(s.kept) < limit {
		return nil
	}
	return s.spill()
}

// spill moves what is in memory to the file.
func (s *rowStore) spill() error {
	if s.file == nil {
		f, err := os.CreateTemp("", "pglite-rows")
		if err != nil {
			return fmt.Errorf("keep the rows of a large result: %w", err)
		}
		_ = os.Remove(f.Name()) // gone when the program is; systems that cannot do it so have it done by reset
		s.file, s.w = f, bufio.NewWriterSize(f, 256<<10)
	}
	if _, err := s.w.Write(s.kept); err != nil {
		return fmt.Errorf("keep the rows of a large result in %s: %w", s.file.Name(), err)
	}
	s.kept = s.kept[:0]
	return nil
}

// each passes the rows, each of so many cells, in the order in which they came. The slice is valid only during the call.
func (s *rowStore) each(columns int, do func(cells []string) error) error {
	var source io.Reader = bytes.NewReader(s.kept)
	if s.file != nil {
		if err := s.w.Flush(); err != nil {
			return fmt.Errorf("keep the rows of a large result in %s: %w", s.file.Name(), err)
		}
		if _, err := s.file.Seek(0, io.SeekStart); err != nil {
			return err
		}
		source = io.MultiReader(s.file, source)
	}
	r := &rowReader{r: bufio.NewReaderSize(source, 64<<10), cells: make([]string, columns), sizes: make([]int, columns)}
	for range s.rows {
		if err := r.next(); err != nil {
			return fmt.Errorf("read the rows of a large result: %w", err)
		}
		if err := do(r.cells); err != nil {
			return err
		}
	}
	return nil
}

// reset forgets the rows.
func (s *rowStore) reset() {
	if s.file != nil {
		_ = s.file.Close()
		_ = os.Remove(s.file.Name())
	}
	*s = rowStore{limit: s.limit, kept: s.kept[:0]}
}

// rowReader reads the rows of a rowStore.
type rowReader struct {
	r     *bufio.Reader
	cells []string
	sizes []int
	row   []byte
}

func (r *rowReader) next() error {
	total, err := binary.ReadUvarint(r.r)
	if err != nil {
		return err
	}
	for i := range r.sizes {
		size, err := binary.ReadUvarint(r.r)
		if err != nil {
			return err
		}
		r.sizes[i] = int(size)
	}
	if uint64(cap(r.row)) < total {
		r.row = make([]byte, total)
	}
	if _, err := io.ReadFull(r.r, r.row[:total]); err != nil {
		return err
	}
	rest := string(r.row[:total])
	for i, size := range r.sizes {
		if size > len(rest) {
			return errors.New("it is damaged")
		}
		r.cells[i], rest = rest[:size], rest[size:]
	}
	return nil
}
