package dump

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/internal/enginetest"
)

// uncompressors say how another implementation than the runtime's reads the files of a method of pg_dump -Z.
var uncompressors = map[string]struct {
	ending, magic string
	read          func(t *testing.T, packed []byte) []byte
}{
	"gzip": {".gz", "\x1f\x8b", func(t *testing.T, packed []byte) []byte {
		r, err := gzip.NewReader(bytes.NewReader(packed))
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}},
	"lz4":  {".lz4", "\x04\x22\x4d\x18", func(t *testing.T, packed []byte) []byte { return filtered(t, packed, "lz4") }},
	"zstd": {".zst", "\x28\xb5\x2f\xfd", func(t *testing.T, packed []byte) []byte { return filtered(t, packed, "zstd") }},
}

// filtered runs the machine's own program.
func filtered(t *testing.T, packed []byte, program string) []byte {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		t.Skipf("this machine has no %s to compare with", program)
	}
	c := exec.Command(path, "-dc")
	var stderr bytes.Buffer
	c.Stdin, c.Stderr = bytes.NewReader(packed), &stderr
	b, err := c.Output()
	if err != nil {
		t.Fatalf("%s of %d bytes: %v: %s", program, len(packed), err, &stderr)
	}
	return b
}

// compressible is a cluster with a database "original".
type compressible struct{ db *engine.DB }

const madeOf = "SELECT i, repeat('row ' || i, 20) t FROM generate_series(1, 20000) i"

func newCompressible(t *testing.T) compressible {
	t.Helper()
	if testing.Short() {
		t.Skip("makes and restores many dumps")
	}
	c := compressible{enginetest.Open(t, engine.Config{})}
	admin := c.connect(t, "postgres")
	const all = "SELECT setting LIKE '%--with-zlib%--with-lz4%--with-zstd%' FROM pg_config WHERE name = 'CONFIGURE'"
	if !enginetest.Get[bool](t, admin, all) {
		t.Skip("this runtime was built without a compression library: see runtime/README.md")
	}
	enginetest.Exec(t, admin, "CREATE DATABASE original")
	conn := c.connect(t, "original")
	enginetest.Exec(t, conn, "CREATE TABLE made AS "+madeOf)
	enginetest.Exec(t, conn, "CREATE TABLE none ()")
	enginetest.Exec(t, conn, "SELECT lo_from_bytea(42, repeat('large', 100000)::bytea), lo_from_bytea(43, '')")
	return c
}

func (c compressible) connect(t *testing.T, database string) *pgx.Conn {
	t.Helper()
	config := enginetest.Config(t, c.db)
	config.Database = database
	conn, err := pgx.ConnectConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

// dump returns the name of the dump.
func (c compressible) dump(t *testing.T, args ...string) string {
	t.Helper()
	dir := t.TempDir()
	var stderr bytes.Buffer
	d := Dump{Args: append(args, "-f", "out", "original"), Env: []string{"PGUSER=postgres"}, Dir: dir, Stderr: &stderr}
	if code, err := d.Run(t.Context(), c.db); code != 0 || err != nil || stderr.Len() > 0 {
		t.Fatalf("pg_dump %q: exit code %d, %v: %s", args, code, err, &stderr)
	}
	return filepath.Join(dir, "out")
}

// restore restores into a new database and looks what there is.
func (c compressible) restore(t *testing.T, file string) {
	t.Helper()
	admin := c.connect(t, "postgres")
	enginetest.Exec(t, admin, "DROP DATABASE IF EXISTS again")
	enginetest.Exec(t, admin, "CREATE DATABASE again")
	var stderr bytes.Buffer
	r := Restore{File: file, Database: "again", User: "postgres", Env: []string{"PGUSER=postgres"}, Stderr: &stderr}
	if code, err := r.Run(t.Context(), c.db); code != 0 || err != nil {
		t.Fatalf("exit code %d, %v: %s", code, err, &stderr)
	}
	conn := c.connect(t, "again")
	if n := enginetest.Get[int](t, conn, "SELECT count(*) FROM (TABLE made INTERSECT "+madeOf+")"); n != 20000 {
		t.Errorf("%d of 20000 rows are right", n)
	}
	if !enginetest.Get[bool](t, conn, "SELECT lo_get(42) = repeat('large', 100000)::bytea AND lo_get(43) = '' AND to_regclass('none') IS NOT NULL") {
		t.Error("the large objects are wrong")
	}
	if err := conn.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func readFile(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestCompressedArchives: custom archives, by default compressed with gzip, are small and can be restored.
func TestCompressedArchives(t *testing.T) {
	t.Parallel()
	c := newCompressible(t)
	whole := len(readFile(t, c.dump(t, "-Fc", "-Z0")))
	for _, args := range []string{"-Fc", "-Fc -Z9", "-Fc -Z lz4", "-Fc -Z zstd", "-Fc -Z zstd:level=3,long"} {
		t.Run(args, func(t *testing.T) {
			file := c.dump(t, strings.Fields(args)...)
			if n := len(readFile(t, file)); n > whole/5 {
				t.Errorf("%d bytes, %d when not compressed", n, whole)
			}
			c.restore(t, file)
		})
	}
}

// TestCompressedDirectories: others can read each file, and the directory can be restored.
func TestCompressedDirectories(t *testing.T) {
	t.Parallel()
	c := newCompressible(t)
	for method, of := range uncompressors {
		t.Run(method, func(t *testing.T) {
			dir := c.dump(t, "-Fd", "-Z", method)
			c.restore(t, dir)
			files, _ := filepath.Glob(filepath.Join(dir, "*"+of.ending))
			if len(files) < 4 { // two tables, two large objects
				t.Errorf("files %q", files)
			}
			found := false
			for _, name := range files {
				if packed := readFile(t, name); len(packed) > 0 { // pg_dump's zstd writes nothing for nothing
					found = bytes.HasPrefix(of.read(t, packed), []byte("1\trow 1row 1")) || found
				}
			}
			if !found {
				t.Errorf("no file has the table's rows")
			}
		})
	}
}

// TestCompressedSQL: others can read it; gzip's is restored as it is, the others have to be uncompressed, and are told
// so.
func TestCompressedSQL(t *testing.T) {
	t.Parallel()
	c := newCompressible(t)
	for method, of := range uncompressors {
		t.Run(method, func(t *testing.T) {
			file := c.dump(t, "-Fp", "-Z", method)
			packed := readFile(t, file)
			if !bytes.HasPrefix(packed, []byte(of.magic)) {
				t.Fatalf("it begins with %x", packed[:min(8, len(packed))])
			}
			if method == "gzip" {
				c.restore(t, file)
			} else if _, err := (Restore{File: file, Database: "postgres"}).Run(t.Context(), c.db); err == nil || !strings.Contains(err.Error(), "uncompress it first") {
				t.Errorf("error %v", err)
			}
			if sql := of.read(t, packed); !bytes.Contains(sql, []byte("PostgreSQL database dump complete")) {
				t.Errorf("it is not whole: %d bytes", len(sql))
			}
		})
	}
}
