package dump

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"path/filepath"
)

// script reads SQL for psql. In the output of pg_dumpall, which creates all roles, it makes a comment of the line that
// creates the role as which psql is connected: that one is there, and the error would end the restore. Of psql's
// commands it lets through what dumps have. Line numbers stay what they are, but for some lines after a \connect.
type script struct {
	r    io.Reader
	user string
	key  string // of \restrict
	// cut is told what is wrong when the dump ends before its end, or cannot be read. psql, which would take such an
	// end for the end of the data and commit, is not told before cut returns.
	cut func(error)

	lines   *bufio.Reader
	rest    []byte // of the line, that psql has not read
	again   bool   // psql has to be restricted again before it reads the next line
	added   int    // lines that the dump does not have: so many empty ones are left out
	sql     statements
	ending  ending
	refused string // the first command that psql refuses

	noOwner, noPrivileges, createRoles bool // see Restore
	created                            map[string]bool
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
	start, _ := s.lines.Peek(len(clusterDump) + 8)
	if bytes.HasPrefix(start, []byte("\ufeff")) {
		_, _ = s.lines.Discard(len("\ufeff"))
	}
	if !bytes.Contains(start, []byte(clusterDump)) {
		s.user = ""
	}
}

// read fills b with lines: psql reads 4 kB at a time.
func (s *script) read(b []byte) (n int, err error) {
	if s.lines == nil {
		s.begin()
	}
	for n < len(b) {
		if len(s.rest) == 0 {
			if n > 0 && s.lines.Buffered() == 0 {
				return n, nil // what comes next may have to be waited for
			}
			if err := s.next(); err != nil {
				if n > 0 {
					return n, nil // the error comes again
				}
				return 0, err
			}
		}
		m := copy(b[n:], s.rest)
		n, s.rest = n+m, s.rest[m:]
	}
	return n, nil
}

// next reads a line, or a part of one that is long.
func (s *script) next() error {
	line, err := s.lines.ReadSlice('\n')
	if len(line) == 0 {
		return err
	}
	if err != nil && !errors.Is(err, bufio.ErrBufferFull) && !errors.Is(err, io.EOF) {
		return err
	}
	s.rest = s.line(line)
	return nil
}

// line returns what psql sees of a line.
func (s *script) line(line []byte) []byte {
	before := []byte(nil)
	if s.again {
		s.again = false
		before = []byte(`\restrict ` + s.key + "\n")
	}
	if s.added > 0 && s.sql.outside() && len(bytes.TrimRight(line, "\r\n")) == 0 {
		s.added--
		return before
	}
	seen := line
	switch {
	case !s.sql.outside():
		s.sql.line(line)
	case bytes.HasPrefix(bytes.TrimLeft(line, " \t"), []byte{'\\'}):
		if seen, s.again = s.command(line); s.again {
			s.added += 2
		}
		if bytes.HasPrefix(line, []byte(`\connect`)) {
			s.user = "" // roles come before databases
		}
	case s.createsUser(line):
		seen = append([]byte("-- "), line...)
	default:
		begins, ended := s.sql.between(), s.sql.ended
		s.sql.line(line)
		if begins && s.sql.between() && !bytes.HasPrefix(line, []byte("--")) {
			seen = s.statement(line, s.sql.ended == ended+1)
		}
	}
	if before != nil {
		return append(before, seen...)
	}
	return seen
}

// createsUser reports whether the line creates the role as which psql is connected.
func (s *script) createsUser(line []byte) bool {
	if s.user == "" || !bytes.HasPrefix(line, []byte("CREATE ROLE ")) {
		return false
	}
	text := string(bytes.TrimSpace(line))
	return text == "CREATE ROLE "+s.user+";" || text == `CREATE ROLE "`+s.user+`";`
}

// absolute returns a path that does not depend on the working directory. dir is that, "" being the Go program's.
func absolute(dir, name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	if full, err := filepath.Abs(filepath.Join(dir, name)); err == nil {
		return full
	}
	return filepath.Join(dir, name)
}
