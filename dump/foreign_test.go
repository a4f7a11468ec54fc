package dump

import (
	"archive/tar"
	"bytes"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"
)

// utf16Text encodes a text.
func utf16Text(text string, mark, big bool) []byte {
	if mark {
		text = "\ufeff" + text
	}
	var b []byte
	for _, u := range utf16.Encode([]rune(text)) {
		if big {
			b = append(b, byte(u>>8), byte(u))
		} else {
			b = append(b, byte(u), byte(u>>8))
		}
	}
	return b
}

// TestKinds: what a file is, by how it begins.
func TestKinds(t *testing.T) {
	t.Parallel()
	const sql = "--\n-- PostgreSQL database dump\n--\nSELECT 'Grüße 🐘';\n"
	const bzip2 = "BZh91AY&SY\xfb\xa5\xf5\xfa\x00\x00\x01\x53\x80\x00\x10\x40\x01\x20\x01\x20\x00\x02\x00\x00\x10\x20\x00\x31\x00\x00\x00"
	for name, test := range map[string]struct {
		content []byte
		want    string // what is wrong, or the text when it is SQL
	}{
		"SQL":              {[]byte(sql), sql},
		"UTF-8 with mark":  {[]byte("\ufeff" + sql), "\ufeff" + sql},
		"UTF-16LE":         {utf16Text(sql, true, false), sql},
		"UTF-16BE":         {utf16Text(sql, true, true), sql},
		"UTF-16LE, bare":   {utf16Text(sql, false, false), sql},
		"UTF-16BE, bare":   {utf16Text(sql, false, true), sql},
		"UTF-32":           {[]byte("\xff\xfe\x00\x00-\x00\x00\x00"), "is text in UTF-32"},
		"zip":              {[]byte("PK\x03\x04\x14\x00"), "is a zip archive: unpack it"},
		"7z":               {[]byte("7z\xbc\xaf\x27\x1c\x00"), "is a 7-Zip archive"},
		"zstd":             {[]byte("\x28\xb5\x2f\xfd\x04"), "zstd, which pglite does not read: uncompress it first"},
		"LZ4":              {[]byte("\x04\x22\x4d\x18\x04"), "LZ4, which pglite does not read: uncompress it first"},
		"SQLite":           {[]byte("SQLite format 3\x00\x10\x00"), "is an SQLite database"},
		"MySQL":            {[]byte("-- MySQL dump 10.13  Distrib 8.0\n"), "is a dump of MySQL"},
		"MariaDB":          {[]byte("/*M!999999\\- enable the sandbox mode */ \n-- MariaDB dump"), "is a dump of MySQL or MariaDB"},
		"MySQL, UTF-16":    {utf16Text("-- MySQL dump 10.13\n", true, false), "is a dump of MySQL"},
		"phpMyAdmin":       {[]byte("\ufeff-- phpMyAdmin SQL Dump\n"), "is a dump of MySQL"},
		"SQLite's SQL":     {[]byte("PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\n"), "is a dump of SQLite"},
		"HTML":             {[]byte("\n<!DOCTYPE html>\n"), "is an HTML page"},
		"zero bytes":       {[]byte("SELECT 1;\n\x00\x00\x00\x00\x00\x01"), "holds a zero byte at 10"},
		"nothing":          {nil, "is empty"},
		"tar of something": {tarOf(t, "PG_VERSION"), "make a cluster from it"},
		"tar of a dump":    {tarOf(t, "toc.dat"), ""},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "file")
			if err := os.WriteFile(file, test.content, 0o600); err != nil {
				t.Fatal(err)
			}
			s, err := openSource(file, nil)
			if err != nil {
				if !strings.Contains(err.Error(), test.want) || test.want == "" {
					t.Errorf("%v, want %q", err, test.want)
				}
				return
			}
			defer func() { _ = s.close() }()
			if s.kind == tarball {
				if test.want != "" {
					t.Error("it is taken for a dump")
				}
				return
			}
			if got, err := io.ReadAll(s.r); err != nil || string(got) != test.want {
				t.Errorf("%q, %v, want %q", got, err, test.want)
			}
		})
	}
	if !isBzip2([]byte(bzip2)) || isBzip2([]byte("BZhello, this is a text")) {
		t.Error("bzip2 is not told from a text")
	}
}

// TestAlone: -j is taken out in all its forms, and nothing else.
func TestAlone(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{
		"-Fd -j4 -f x":         "-Fd -f x 4",
		"-Fd -j 4 -f x":        "-Fd -f x 4",
		"-Fd -vj4 x":           "-Fd -v x 4",
		"-vj 4 x":              "-v x 4",
		"--jobs=4 --jobs 2 x":  "x 4",
		"--j=3":                " 3",
		"-f j4 -n -j4 -t j":    "-f j4 -n -j4 -t j 1",
		"-j x":                 "-j x 1",
		"-j0":                  "-j0 1",
		"-- -j4":               "-- -j4 1",
		"-Fc --schema-only -v": "-Fc --schema-only -v 1",
	} {
		rest, jobs := Alone("pg_dump", strings.Fields(args))
		if got := strings.Join(rest, " ") + " " + string(rune('0'+jobs)); strings.TrimSpace(got) != strings.TrimSpace(want) {
			t.Errorf("%s: %q, want %q", args, got, want)
		}
	}
	if rest, jobs := Alone("pgbench", []string{"-j4"}); jobs != 1 || !slices.Equal(rest, []string{"-j4"}) {
		t.Errorf("pgbench: %q, %d", rest, jobs)
	}
	for args, want := range map[string]string{"-D x": DefaultWALMethod, "-X stream": "stream", "-Xf -D x": "f", "--wal-method=none": "none"} {
		if got := WALMethod(strings.Fields(args)); got != want {
			t.Errorf("%s: %q, want %q", args, got, want)
		}
	}
}

// TestRoles: the roles that statements of dumps name.
func TestRoles(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"ALTER TABLE public.t OWNER TO bob;\n":                                                     "bob",
		"ALTER FUNCTION public.f(text) OWNER TO \"Bob \"\"x\"\"\";\n":                              `Bob "x"`,
		"GRANT SELECT ON TABLE public.t TO alice WITH GRANT OPTION;\n":                             "alice",
		"GRANT ALL ON SCHEMA public TO PUBLIC;\n":                                                  "",
		"REVOKE ALL ON TABLE t FROM carol;\n":                                                      "carol",
		"ALTER DEFAULT PRIVILEGES FOR ROLE dan IN SCHEMA public GRANT SELECT ON TABLES TO erin;\n": "dan erin",
		"CREATE POLICY p ON public.t FOR SELECT TO fred, gina USING ((a = ' TO harry'::text));\n":  "fred gina",
		"CREATE SCHEMA s AUTHORIZATION ivy;\n":                                                     "ivy",
		"SET SESSION AUTHORIZATION 'jim';\n":                                                       "jim",
		"SET SESSION AUTHORIZATION DEFAULT;\n":                                                     "",
		"ALTER TABLE ONLY t ATTACH PARTITION p FOR VALUES FROM (1) TO (2);\n":                      "",
		"INSERT INTO t VALUES (' TO bob;');\n":                                                     "",
	} {
		if got := strings.Join(roles([]byte(line)), " "); got != want {
			t.Errorf("%s: %q, want %q", line, got, want)
		}
	}
}

// TestStatements: what becomes of statements that name roles.
func TestStatements(t *testing.T) {
	t.Parallel()
	const sql = "ALTER TABLE t OWNER TO bob;\nGRANT SELECT ON t TO bob;\nGRANT bob TO bob;\nSELECT '\nALTER TABLE t OWNER TO bob;\n';\nCOPY t FROM stdin;\nGRANT SELECT ON t TO bob;\n\\.\n"
	for _, test := range []struct {
		s    script
		want []string
	}{
		{script{}, []string{sql}},
		{script{noOwner: true}, []string{"-- ALTER TABLE t OWNER TO bob;\nGRANT SELECT", "';\n", "\nALTER TABLE t OWNER TO bob;\n'"}},
		{script{noPrivileges: true}, []string{"\n-- GRANT SELECT ON t TO bob;\nGRANT bob TO bob;", "stdin;\nGRANT SELECT"}},
		{script{createRoles: true, created: map[string]bool{}}, []string{"DO $pglite$BEGIN IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'bob') THEN CREATE ROLE \"bob\"; END IF; END$pglite$; ALTER TABLE t OWNER TO bob;\nGRANT SELECT ON"}},
	} {
		s := test.s
		s.r, s.cut = strings.NewReader(sql), func(error) {}
		got, err := io.ReadAll(&s)
		if err != nil || bytes.Count(got, []byte{'\n'}) != strings.Count(sql, "\n") {
			t.Errorf("%v: %s", err, got)
		}
		for _, want := range test.want {
			if !strings.Contains(string(got), want) {
				t.Errorf("no %q in\n%s", want, got)
			}
		}
	}
}

// tarOf returns a tar archive with an empty file.
func tarOf(t *testing.T, name string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	if err := w.WriteHeader(&tar.Header{Name: name, Mode: 0o600}); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
