package dump

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"path/filepath"
)

// script reads SQL for psql. In the output of pg_dumpall, which creates all roles, it makes a comment of the line that creates the role
// as which psql is connected: that one is there, and the error would end the restore. Line numbers stay what they are.
type script struct {
	r    io.Reader
	user string
	// cut is told what is wrong when the dump ends before its end, or cannot be read. psql, which would take such an end for the end of the
	// data and commit, is not told before cut returns.
	cut func(error)

	lines  *bufio.Reader // while lines are looked at
	rest   []byte        // of the line
	ending ending
}

// Read implements io.Reader.
func (s *script) Read(b []byte) (int, error) {
	n, err := s.read(b)
	switch {
	case err == nil:
	case !errors.Is(err, io.EOF):
		s.cut(err)
	case s.ending.cut():
		s.cut(ErrCut)
	}
	return n, err
}

// begin looks at how the dump begins.
func (s *script) begin() {
	s.ending.r = s.r
	s.lines = bufio.NewReaderSize(&s.ending, 64<<10)
	if start, _ := s.lines.Peek(len(clusterDump) + 8); !bytes.Contains(start, []byte(clusterDump)) {
		s.user = ""
	}
}

func (s *script) read(b []byte) (int, error) {
	if s.lines == nil {
		s.begin()
	}
	if s.user == "" && len(s.rest) == 0 {
		return s.lines.Read(b)
	}
	if len(s.rest) == 0 {
		line, err := s.lines.ReadSlice('\n')
		if len(line) == 0 {
			return 0, err
		}
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) && !errors.Is(err, io.EOF) {
			return 0, err
		}
		s.rest = s.line(line)
	}
	n := copy(b, s.rest)
	s.rest = s.rest[n:]
	return n, nil
}

// line returns the line as psql shall see it.
func (s *script) line(line []byte) []byte {
	text := string(bytes.TrimSpace(line))
	switch {
	case text == "CREATE ROLE "+s.user+";" || text == `CREATE ROLE "`+s.user+`";`:
		return append([]byte("-- "), line...)
	case bytes.HasPrefix(line, []byte(`\connect`)):
		s.user = "" // roles come before databases
	}
	return line
}

// absolute returns a path that does not depend on the working directory, "" being that of the Go program.
func absolute(dir, name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(dir, name)
}
