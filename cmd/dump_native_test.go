//go:build unix

package cmd

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const ourMajor = 18

// dumpFormats are pg_dump's.
var dumpFormats = []string{"plain", "custom", "tar", "directory"}

// TestDumpNative: what native PostgreSQL dumps in any format is restored here and holds the same. What is dumped here then goes back
// into native PostgreSQL, by its own programs, and is what it was.
func TestDumpNative(t *testing.T) {
	t.Parallel()
	data := dumpCluster(t)
	serveCluster(t, data) // so that each command attaches
	succeed(t, "", "-D", data, "exec", "-q", "CREATE ROLE kind_reader", "CREATE ROLE kind_owner")
	eachNative(t, func(t *testing.T, s *nativeServer) {
		m := newMove(t, s)
		t.Run("all", m.wholeCluster) // first, while there is one database
		for _, format := range dumpFormats {
			t.Run(format, func(t *testing.T) {
				file := filepath.Join(t.TempDir(), "native")
				s.program(t, "pg_dump", "-F"+format[:1], "-f", file, "original")
				here := format + "_" + filepath.Base(filepath.Dir(t.Name())) // of own, 17 or 18
				succeed(t, "", "-D", data, "exec", "-q", "CREATE DATABASE "+here)
				succeed(t, "", "-D", data, "-d", here, "restore", file)
				m.arrived(t, "-D", data, "dump", here)
				m.goesBack(t, data, here, format)
			})
		}
		t.Run("uri", func(t *testing.T) {
			if strings.Contains(m.text, "(pg_attver=") {
				t.Skipf("pg_dump writes pg_attver of this server of PostgreSQL %d, which no other major version takes: see docs/data.md", s.major)
			}
			here := "uri_" + filepath.Base(filepath.Dir(t.Name()))
			file := filepath.Join(t.TempDir(), "ours")
			succeed(t, "", "dump", "--uri", s.uri("original"), "-Fc", "-f", file)
			succeed(t, "", "-D", data, "exec", "-q", "CREATE DATABASE "+here)
			succeed(t, "", "-D", data, "-d", here, "restore", file)
			m.arrived(t, "-D", data, "dump", here)
			if err := s.sql("postgres", "CREATE DATABASE uri"); err != nil {
				t.Fatal(err)
			}
			if s.major == ourMajor {
				succeed(t, "", "restore", "--uri", s.uri("uri"), file)
				m.same(t, s, "uri")
			}
		})
	})
}

// wholeCluster moves all databases and roles by pg_dumpall's output, to a cluster here and, where the version is the same, back to
// another native server.
func (m *move) wholeCluster(t *testing.T) {
	s, file := m.server, filepath.Join(t.TempDir(), "all.sql")
	data := dumpCluster(t)
	serveCluster(t, data)
	s.program(t, "pg_dumpall", "-f", file)
	succeed(t, "", "-D", data, "restore", file)
	m.arrived(t, "-D", data, "dump", "original")
	if s.major != ourMajor {
		return
	}
	back := newNative(t, s.bin)
	text := succeed(t, "", "-D", data, "dump", "--all")
	back.load(t, "postgres", strings.Replace(text, "\nCREATE ROLE postgres;\n", "\n\n", 1))
	m.same(t, back, "original")
	text = succeed(t, "", "dump", "--all", "--uri", back.uri("postgres"))
	if want := succeed(t, "", "dump", "--all", "--uri", s.uri("postgres")); comparable(text) != comparable(want) {
		t.Errorf("the dump of the cluster has changed:\n%s", firstDifference(comparable(text), comparable(want)))
	}
}

// move is a database "original" of a native server that is moved.
type move struct {
	server *nativeServer
	text   string // the dump of it by the runtime's own pg_dump
}

func newMove(t *testing.T, s *nativeServer) *move {
	t.Helper()
	schema, err := filepath.Abs("testdata/every-kind.sql")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.sql("postgres", "CREATE DATABASE original"); err != nil {
		t.Fatal(err)
	}
	if out, err := s.command("original", "-q", "-v", "ON_ERROR_STOP=1", "-f", schema).CombinedOutput(); err != nil {
		t.Fatalf("make the database: %v: %s", err, out)
	}
	return &move{s, comparable(succeed(t, "", "dump", "--uri", s.uri("original")))}
}

// arrived compares the original with what a command dumps from a server of the runtime's version: all of it when the versions are the
// same, else the names of all objects and the data, as newer versions spell definitions in other words.
func (m *move) arrived(t *testing.T, dump ...string) {
	t.Helper()
	got, want := comparable(succeed(t, "", dump...)), m.text
	if m.server.major != ourMajor {
		got, want = namesAndData(got), namesAndData(want)
	}
	if got != want {
		t.Errorf("restored here it is not the same:\n%s", firstDifference(got, want))
	}
}

// goesBack dumps the database "here" of a cluster, restores it by the native programs and compares.
func (m *move) goesBack(t *testing.T, data, here, format string) {
	t.Helper()
	const archives = 17 // the first pg_restore that reads version 1.16 of the format, which 18 writes
	s, file := m.server, filepath.Join(t.TempDir(), "ours")
	args := []string{"-D", data, "dump", "-F" + format[:1], "-f", file, here}
	if format == "directory" {
		args = append(args, "-Z", "zstd")
	}
	succeed(t, "", args...)
	if err := s.sql("postgres", "CREATE DATABASE "+format); err != nil {
		t.Fatal(err)
	}
	switch {
	case format == "plain":
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		s.load(t, format, string(text))
	case s.major < archives:
		out, err := s.programOutput("pg_restore", "-d", format, file)
		if err == nil || !strings.Contains(out, "unsupported version (1.16) in file header") {
			t.Errorf("pg_restore %d: %v: %s", s.major, err, out)
		}
		return
	default:
		s.program(t, "pg_restore", "--exit-on-error", "-d", format, file)
	}
	m.same(t, s, format)
}

// same compares the original with a database of a native server of the same version.
func (m *move) same(t *testing.T, s *nativeServer, database string) {
	t.Helper()
	if got := comparable(succeed(t, "", "dump", "--uri", s.uri(database))); got != m.text {
		t.Errorf("back in native PostgreSQL it is not what it was:\n%s", firstDifference(got, m.text))
	}
}

// uri tells pglite of a database.
func (s *nativeServer) uri(database string) string {
	return "host=" + filepath.Dir(s.socket) + " user=postgres dbname=" + database
}

// load runs the text of a dump by psql. What is set for it alone is left out where the server does not know it.
func (s *nativeServer) load(t *testing.T, database, text string) {
	t.Helper()
	const transactionTimeout = 17
	if s.major < transactionTimeout {
		text = strings.ReplaceAll(text, "\nSET transaction_timeout = 0;\n", "\n\n")
	}
	c := s.command(database, "-q", "-v", "ON_ERROR_STOP=1", "-o", os.DevNull, "-f", "-")
	c.Stdin = strings.NewReader(text)
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("psql %d: %v: %s", s.major, err, out)
	}
}

var (
	// changing is what a server numbers anew: pg_dump 18.6 did not leave out an option that a server of 17.12 gives all columns.
	changing   = regexp.MustCompile(`pg_attver=\d+`)
	ownOfDump  = regexp.MustCompile(`(?m)^(\\(un)?restrict|-- (Dumped|Started|Completed) ).*\n`)
	dumpedName = regexp.MustCompile(`^(-- (Data for )?Name: |SELECT pg_catalog\.(setval|lo_))`)
)

// comparable is a dump without what is new in each, or tells versions. The C library of the runtime calls the
// collation of C.UTF-8 C, which orders alike.
func comparable(dump string) string {
	dump = strings.ReplaceAll(dump, "LC_COLLATE = 'C' LC_CTYPE = 'C.UTF-8'", "LOCALE = 'C.UTF-8'")
	return changing.ReplaceAllString(ownOfDump.ReplaceAllString(dump, ""), "pg_attver=0")
}

// namesAndData are the lines of a dump that name objects, in the order of the alphabet, and the rows of tables and large objects.
func namesAndData(dump string) string {
	var names, data []string
	rows := false
	for line := range strings.Lines(dump) {
		switch {
		case rows || strings.HasPrefix(line, "COPY "):
			rows = line != "\\.\n"
			data = append(data, line)
		case dumpedName.MatchString(line):
			names = append(names, line)
		}
	}
	slices.Sort(names)
	return strings.Join(names, "") + strings.Join(data, "")
}
