package dump

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/internal/enginetest"
)

// TestHostileDump: a dump of a stranger reads no file, writes none and changes no environment, whatever commands it
// has, also when errors are ignored.
func TestHostileDump(t *testing.T) {
	t.Parallel()
	db := enginetest.Open(t, engine.Config{})
	conn := enginetest.Connect(t, db)
	enginetest.Exec(t, conn, "CREATE TABLE got (line text)")
	for _, command := range []string{
		`\copy got FROM secret`, `\copy got TO written`, `\o written`, `SELECT 'x' \g written`, `\i secret`, `\ir secret`, `\include secret`,
		`\w written`, `\lo_export 1 written`, `\lo_import secret`, `\! touch written`, "\\echo `touch written`", `\cd ..`, `\setenv A b`,
		`\getenv home HOME`, `\qecho x`, `\out |cat >written`, `\e secret`, `\s written`, `\gset`, `\connect "host=elsewhere"`,
		`\connect postgres postgres elsewhere`, `\connect postgresql://elsewhere`, `\connect - nobody`, `\unrestrict x`, `\restrict x`,
		`\connect -reuse-previous=on "dbname='postgres' user='nobody'"`, `\connect -reuse-previous=on "dbname='postgres\\' user=nobody"`,
		"SELECT 1\n\\connect postgres", "SELECT 1\n\\encoding UTF8",
		"\\set ON_ERROR_STOP off\n\\set SINGLESTEP on\nSELECT 1\n\\set SINGLELINE on\ny\nSELECT 'INSERT INTO got VALUES (1)' \\gexec\ny\ny\ny", `\unset x`, `\encoding UTF8 x`,
		"SELECT 1\n\\set SINGLESTEP\n\\set SINGLELINE\n\\connect postgres\nSELECT 1;",
		`\set x ` + "`touch written`", `\if true`, `\watch`, `\bind`, `\password`, `SELECT 'SELECT 1' \gexec`,
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "secret"), []byte("INSERT INTO got VALUES ('read');\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		dump := filepath.Join(dir, "dump.sql")
		text := command + "\nSELECT 'results';\nSELECT 'INSERT INTO got VALUES (1)' \\gexec\n\\copy got FROM secret\n\\o written\nSELECT 1;\n\\connect nowhere\n\\i secret\n\\o written\nSELECT 1;\n"
		if err := os.WriteFile(dump, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, goOn := range []bool{false, true} {
			var stderr bytes.Buffer
			r := Restore{File: dump, Dir: dir, Database: "postgres", Continue: goOn, Env: []string{"PGUSER=postgres", "PGDATABASE=postgres"}, Stderr: &stderr}
			code, err := r.Run(t.Context(), db)
			if code == 0 || err != nil || !strings.Contains(stderr.String(), "is a command of psql") || strings.Contains(stderr.String(), "nobody\" does not exist") {
				t.Errorf("%s: exit code %d, %v: %s", command, code, err, &stderr)
			}
		}
		if files, err := os.ReadDir(dir); err != nil || len(files) != 2 {
			t.Errorf("%s: there are %v, %v", command, files, err)
		}
		if n := enginetest.Get[int](t, conn, "SELECT count(*) FROM got"); n != 0 {
			t.Errorf("%s: %d lines of a file of the host, or of a command, were read", command, n)
		}
	}
}

// TestDumpAllNames: pg_dumpall goes from database to database, whatever they are called.
func TestDumpAllNames(t *testing.T) {
	t.Parallel()
	from, to := enginetest.Open(t, engine.Config{}), enginetest.Open(t, engine.Config{})
	names := []string{"plain", "with space", "quo'te", `do"uble`, `back\slash`, "a=b", "Grüße", "-dash", "dot.ted"}
	admin := enginetest.Connect(t, from)
	for _, name := range names {
		enginetest.Exec(t, admin, `CREATE DATABASE "`+strings.ReplaceAll(name, `"`, `""`)+`"`)
		conn := compressible{from}.connect(t, name)
		enginetest.Exec(t, conn, "CREATE TABLE here AS SELECT current_database()::text AS name, E'\\\\connect template1\n\\\\restrict x'::text AS text")
		enginetest.Exec(t, conn, "CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $$ SELECT '\n\\connect template1\n' -- it's\n$$")
		_ = conn.Close(t.Context())
	}
	var sql bytes.Buffer
	env := []string{"PGUSER=postgres", "PGDATABASE=postgres"}
	if code, err := (Dump{All: true, Env: env, Stdout: &sql}).Run(t.Context(), from); code != 0 || err != nil {
		t.Fatal(code, err)
	}
	var stderr bytes.Buffer
	r := Restore{File: "-", Stdin: &sql, Database: "postgres", User: "postgres", Env: env, Stderr: &stderr}
	if code, err := r.Run(t.Context(), to); code != 0 || err != nil {
		t.Fatalf("exit code %d, %v: %s", code, err, &stderr)
	}
	for _, name := range names {
		conn := compressible{to}.connect(t, name)
		if !enginetest.Get[bool](t, conn, "SELECT name = current_database() AND text = E'\\\\connect template1\n\\\\restrict x' AND f() = E'\n\\\\connect template1\n' FROM here") {
			t.Errorf("%s: it is not as it was", name)
		}
		_ = conn.Close(t.Context())
	}
}

// TestContinueTellsErrors: a restore that has gone on after errors has failed.
func TestContinueTellsErrors(t *testing.T) {
	t.Parallel()
	db := enginetest.Open(t, engine.Config{})
	for sql, want := range map[string]int{
		"SELECT 1;\n":                                   0,
		"nonsense;\nSELECT 1;\n":                        scriptError,
		"\\nonsense\nSELECT 1;\n":                       scriptError,
		"COPY nowhere FROM stdin;\n1\n\\.\n":            scriptError,
		"DO $$BEGIN RAISE NOTICE 'ERROR:  x'; END$$;\n": 0,
	} {
		var stderr bytes.Buffer
		r := Restore{File: "-", Stdin: strings.NewReader(sql), Database: "postgres", Continue: true, Env: []string{"PGUSER=postgres"}, Stderr: &stderr}
		code, err := r.Run(t.Context(), db)
		if code != want || err != nil || (want != 0) != strings.Contains(stderr.String(), "errors ignored on restore: 1") {
			t.Errorf("%q: exit code %d, want %d, %v: %s", sql, code, want, err, &stderr)
		}
	}
}

// TestScript: what psql sees of a script.
func TestScript(t *testing.T) {
	t.Parallel()
	const un, re = "\\unrestrict K\n", `\restrict K`
	for sql, want := range map[string]string{
		"SELECT 1;\n":                                   "SELECT 1;\n",
		"\ufeffSELECT 1;\n":                             "SELECT 1;\n",
		"\\restrict abc\nx\n":                           "-- /restrict abc\nx\n",
		"\\connect a\n\nx\n":                            un + "\\connect a\n" + re + "\nx\n",
		"\\connect a\nx\n\n\ny\n":                       un + "\\connect a\n" + re + "\nx\ny\n",
		"\\connect a\nx\n":                              un + "\\connect a\n" + re + "\nx\n",
		"\\c a\r\n\r\nx\n":                              un + "\\c a\n" + re + "\nx\n",
		"\\connect \"a b\"\n":                           un + "\\connect \"a b\"\n",
		"\\connect \"a=b\"\n":                           "\\connect \"a=b\"\n",
		"\\connect a b\n":                               "\\connect a b\n",
		"\\connect :x\n":                                "\\connect :x\n",
		"SELECT '\n\\connect a\n';\n":                   "SELECT '\n\\connect a\n';\n",
		"SELECT E'\\'\n\\connect a\n';\n":               "SELECT E'\\'\n\\connect a\n';\n",
		"SELECT E'''\\'\n\\connect a\n';\n":             "SELECT E'''\\'\n\\connect a\n';\n",
		"SELECT $a$\n\\connect a\n$b$ $a$;\n":           "SELECT $a$\n\\connect a\n$b$ $a$;\n",
		"/* /* */\n\\connect a\n*/\n":                   "/* /* */\n\\connect a\n*/\n",
		"-- it's\n\\connect a\n":                        "-- it's\n" + un + "\\connect a\n",
		"SELECT 'it''s';\n\\connect a\n":                "SELECT 'it''s';\n" + un + "\\connect a\n",
		"COPY a FROM stdin;\n\\connect a\n\\.\n\\c b\n": "COPY a FROM stdin;\n\\connect a\n\\.\n" + un + "\\c b\n",
		"copy \"x;\" (b)\nfrom STDIN with (format csv);\n'\n\\.\n\\c b\n": "copy \"x;\" (b)\nfrom STDIN with (format csv);\n'\n\\.\n" + un + "\\c b\n",
		"COPY (SELECT 1) TO stdout;\n\\c b\n":                             "COPY (SELECT 1) TO stdout;\n" + un + "\\c b\n",
		"SELECT $1, a$b$ FROM x;\n\\c b\n":                                "SELECT $1, a$b$ FROM x;\n" + un + "\\c b\n",
		"\\echo hi `x`\n":                                                 "\\echo hi `x`\n",
		"\\echo it's\n":                                                   "-- /echo it's\n",
		"\\set ON_ERROR_STOP on\n\n":                                      "-- /set ON_ERROR_STOP on\n\n",
		"\\set ON_ERROR_STOP `x`\n":                                       "\\set ON_ERROR_STOP `x`\n",
		"\\set SINGLESTEP on\n":                                           "\\set SINGLESTEP on\n",
		"\\set ON_ERROR_STOPS on\n":                                       "\\set ON_ERROR_STOPS on\n",
		"\\unset ON_ERROR_STOP\n":                                         "\\unset ON_ERROR_STOP\n",
		"\\encoding SQL_ASCII\n\\connect a\n":                             un + "\\encoding SQL_ASCII\n" + re + "\n" + un + "\\connect a\n",
		"SELECT 1\n\\connect a\n":                                         "SELECT 1\n\\connect a\n",
		"SELECT (\n\\encoding UTF8\n":                                     "SELECT (\n\\encoding UTF8\n",
		"\\connect \"a\x00\"\n":                                           "\\connect \"a\x00\"\n",
		"\\connect -reuse-previous=on \"dbname='a\x00'\"\n":               "\\connect -reuse-previous=on \"dbname='a\x00'\"\n",
		"\\set x :y\n":                                                    "\\set x :y\n",
	} {
		for _, size := range []int{1, 1 << 16} {
			s := &script{r: strings.NewReader(sql), key: "K", cut: func(error) {}}
			var r io.Reader = s
			if size == 1 {
				r = iotest.OneByteReader(s)
			}
			got, err := io.ReadAll(r)
			if err != nil || string(got) != want {
				t.Errorf("%q: %q, %v\nwant %q", sql, got, err, want)
			}
		}
	}
}

// TestArchiveSeesItselfOnly: the names of files in an archive lead to no file outside of it.
func TestArchiveSeesItselfOnly(t *testing.T) {
	t.Parallel()
	db := enginetest.Open(t, engine.Config{})
	conn := enginetest.Connect(t, db)
	enginetest.Exec(t, conn, "CREATE TABLE kept AS SELECT 'row' AS line")
	dir := t.TempDir()
	env := []string{"PGUSER=postgres", "PGDATABASE=postgres"}
	if code, err := (Dump{Args: []string{"-Fd", "-Z0", "-f", "archive"}, Dir: dir, Env: env}).Run(t.Context(), db); code != 0 || err != nil {
		t.Fatal(code, err)
	}
	toc := filepath.Join(dir, "archive", "toc.dat")
	b, err := os.ReadFile(toc)
	if err != nil {
		t.Fatal(err)
	}
	files, _ := filepath.Glob(filepath.Join(dir, "archive", "*.dat"))
	files = slices.DeleteFunc(files, func(name string) bool { return name == toc })
	if len(files) != 1 {
		t.Fatal(files)
	}
	name := filepath.Base(files[0])
	outside := ".." + strings.Repeat("/", len(name)-len("..")-1) + "s"
	if err := os.WriteFile(filepath.Join(dir, "s"), []byte("secret\n\\.\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(toc, bytes.ReplaceAll(b, []byte(name), []byte(outside)), 0o600); err != nil {
		t.Fatal(err)
	}
	enginetest.Exec(t, conn, "DROP TABLE kept")
	var stderr bytes.Buffer
	r := Restore{File: "archive", Dir: dir, Database: "postgres", Continue: true, Env: env, Stderr: &stderr}
	if code, err := r.Run(t.Context(), db); err != nil && !errors.Is(err, os.ErrNotExist) || code == 0 {
		t.Errorf("exit code %d, %v: %s", code, err, &stderr)
	}
	if n := enginetest.Get[int](t, conn, "SELECT count(*) FROM kept"); n != 0 {
		t.Errorf("%d lines of a file outside of the archive were read", n)
	}
}
