//go:build unix

package cmd

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// enginePglite runs a command on the engine, in this process.
func enginePglite(t *testing.T, stdin string, args ...string) result {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code := run(append([]string{"pglite"}, args...), Streams{In: strings.NewReader(stdin), Out: &stdout, Err: &stderr}, production())
	return result{stdout.String(), stderr.String(), code}
}

// succeed is enginePglite for what must not fail.
func succeed(t *testing.T, stdin string, args ...string) string {
	t.Helper()
	r := enginePglite(t, stdin, args...)
	if r.code != 0 {
		t.Fatalf("pglite %q: exit code %d\n%s", args, r.code, r.stderr)
	}
	return r.stdout
}

// dumpCluster makes a cluster on the engine.
func dumpCluster(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skip("starts the server again for each command")
	}
	if len(embeddedTools()) == 0 {
		t.Skip("no runtime is embedded: make runtime")
	}
	dir := filepath.Join(t.TempDir(), "data")
	succeed(t, "", "init", dir)
	return dir
}

var restrictKey = regexp.MustCompile(`(?m)^\\(un)?restrict .*$`)

// readDump reads a dump without the keys that are new in each.
func readDump(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text := restrictKey.ReplaceAllString(string(b), "")
	if !strings.Contains(text, "PostgreSQL database dump complete") {
		t.Fatalf("%s is not a whole dump", file)
	}
	return text
}

// TestDumpRestoreDump: what was dumped in any format, restored and dumped again is the same.
func TestDumpRestoreDump(t *testing.T) {
	t.Parallel()
	data := dumpCluster(t)
	dir := t.TempDir()
	schema, err := filepath.Abs("testdata/every-kind.sql")
	if err != nil {
		t.Fatal(err)
	}
	at := func(name string) string { return filepath.Join(dir, name) }
	succeed(t, "", "-D", data, "exec", "-q", "CREATE DATABASE original")
	succeed(t, "", "-D", data, "-d", "original", "tool", "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", schema)
	succeed(t, "", "-D", data, "dump", "-f", at("original.sql"), "original")
	want := readDump(t, at("original.sql"))
	everyKind(t, data, at("original.toc"))
	everyType(t, data)
	for _, format := range []string{"plain", "custom", "tar", "directory"} {
		t.Run(format, func(t *testing.T) {
			out := at(format)
			succeed(t, "", "-D", data, "dump", "-F"+format[:1], "-f", out, "original")
			succeed(t, "", "-D", data, "exec", "-q", "CREATE DATABASE "+format)
			succeed(t, "", "-D", data, "-d", format, "restore", out)
			succeed(t, "", "-D", data, "dump", "-f", at(format+".sql"), format)
			if got := readDump(t, at(format+".sql")); got != want {
				t.Errorf("the dump has changed:\n%s", firstDifference(got, want))
			}
		})
	}
}

// dumpedKinds are the kinds of entries that pg_dump makes (pg_dump.c and pg_backup_archiver.c), but for those of whole clusters, of
// statistics, which are dumped when asked for, and of SECURITY LABEL, for which no provider is here.
var dumpedKinds = []string{
	"ACCESS METHOD", "ACL", "AGGREGATE", "BLOB METADATA", "BLOBS", "CAST", "CHECK CONSTRAINT", "COLLATION", "COMMENT", "CONSTRAINT", "CONVERSION", "DEFAULT", "DEFAULT ACL",
	"DOMAIN", "EVENT TRIGGER", "EXTENSION", "FK CONSTRAINT", "FOREIGN DATA WRAPPER", "FOREIGN TABLE", "FUNCTION", "INDEX", "INDEX ATTACH", "MATERIALIZED VIEW",
	"MATERIALIZED VIEW DATA", "OPERATOR", "OPERATOR CLASS", "OPERATOR FAMILY", "POLICY", "PROCEDURAL LANGUAGE", "PROCEDURE", "PUBLICATION", "PUBLICATION TABLE",
	"PUBLICATION TABLES IN SCHEMA", "ROW SECURITY", "RULE", "SCHEMA", "SEQUENCE", "SEQUENCE OWNED BY", "SEQUENCE SET", "SERVER", "SHELL TYPE", "STATISTICS", "SUBSCRIPTION",
	"TABLE", "TABLE ATTACH", "TABLE DATA", "TEXT SEARCH CONFIGURATION", "TEXT SEARCH DICTIONARY", "TEXT SEARCH PARSER", "TEXT SEARCH TEMPLATE", "TRANSFORM", "TRIGGER",
	"TYPE", "USER MAPPING", "VIEW",
}

// everyKind looks for each kind in the table of contents of an archive of the database "original".
func everyKind(t *testing.T, data, archive string) {
	t.Helper()
	succeed(t, "", "-D", data, "dump", "-Fc", "-f", archive, "original")
	toc := succeed(t, "", "restore", "--list", archive)
	for _, kind := range dumpedKinds {
		if !regexp.MustCompile(`(?m)^\d+; \d+ \d+ ` + kind + ` \S*[^A-Z\s]`).MatchString(toc) {
			t.Errorf("every-kind.sql has no %s", kind)
		}
	}
}

// everyType looks whether a column of every_type has each type that tables may have and that can be read again: the others are of the
// system's own tables and indexes, and xml, without which the runtime is built.
func everyType(t *testing.T, data string) {
	t.Helper()
	const missing = `SELECT coalesce(string_agg(typname, ' ' ORDER BY typname), 'none') FROM pg_type t WHERE typnamespace = 'pg_catalog'::regnamespace
		AND typtype IN ('b', 'r', 'm') AND typcategory NOT IN ('A', 'Z') AND typname NOT IN ('gtsvector', 'xml')
		AND NOT EXISTS (SELECT FROM pg_attribute JOIN pg_class c ON c.oid = attrelid WHERE atttypid = t.oid AND relname = 'every_type')`
	if got := succeed(t, "", "-D", data, "-d", "original", "exec", "-At", missing); got != "none\n" {
		t.Errorf("no column of every_type is %s", got)
	}
}

// TestDumpAll moves a whole cluster, compressed, by standard input.
func TestDumpAll(t *testing.T) {
	t.Parallel()
	from, to := dumpCluster(t), dumpCluster(t)
	succeed(t, "", "-D", from, "exec", "-q", "CREATE ROLE reader", "CREATE DATABASE shop OWNER reader", "CREATE TABLE t AS SELECT 'in postgres' AS a")
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := w.Write([]byte(succeed(t, "", "-D", from, "dump", "--all"))); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	succeed(t, packed.String(), "-D", to, "restore", "-")
	if got := succeed(t, "", "-D", to, "exec", "-At", "TABLE t", "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'shop'"); got != "in postgres\nreader\n" {
		t.Errorf("restored: %q", got)
	}
}

// TestRestoreErrors: an error stops a restore, and what cannot be restored is told.
func TestRestoreErrors(t *testing.T) {
	t.Parallel()
	data := dumpCluster(t)
	file := filepath.Join(t.TempDir(), "bad.sql")
	if err := os.WriteFile(file, []byte("CREATE TABLE a();\nSELECT nonsense;\nCREATE TABLE b();\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	tables := func() string {
		return succeed(t, "", "-D", data, "exec", "-At", "SELECT coalesce(string_agg(relname, ' '), '') FROM pg_class WHERE relname IN ('a', 'b')")
	}
	if r := enginePglite(t, "", "-D", data, "restore", "-1", file); r.code != exitScript || !strings.Contains(r.stderr, `<stdin>:2: ERROR:  column "nonsense"`) {
		t.Errorf("exit code %d: %s", r.code, r.stderr)
	}
	if got := tables(); got != "\n" {
		t.Errorf("after -1: %q", got)
	}
	if r := enginePglite(t, "", "-D", data, "restore", file); r.code != exitScript {
		t.Errorf("exit code %d: %s", r.code, r.stderr)
	}
	if got := tables(); got != "a\n" {
		t.Errorf("after an error: %q", got)
	}
	for name, want := range map[string]string{"none.sql": "no such file", t.TempDir(): "toc.dat"} {
		if r := enginePglite(t, "", "-D", data, "restore", name); r.code != exitFailure || !strings.Contains(r.stderr, want) {
			t.Errorf("exit code %d: %s", r.code, r.stderr)
		}
	}
	if r := enginePglite(t, "", "-D", data, "restore", "--table=a", file); r.code != exitFailure || !strings.Contains(r.stderr, "is SQL") {
		t.Errorf("exit code %d: %s", r.code, r.stderr)
	}
}

func TestParseDump(t *testing.T) {
	t.Parallel()
	d, err := parseDump(strings.Fields("--all -D x --uri=u -f y --runtime r -Fc -- --all"))
	if err != nil || !d.all || d.data != "x" || d.uri != "u" || d.runtime != "r" || !slices.Equal(d.rest, strings.Fields("-f y -Fc --all")) {
		t.Errorf("%+v, %v", d, err)
	}
	if _, err := parseDump([]string{"--uri"}); err == nil {
		t.Error("no error for an option without its value")
	}
}

// TestBadURI: what is wrong is told, the value with its password is not.
func TestBadURI(t *testing.T) {
	t.Parallel()
	needRuntime(t)
	for uri, want := range map[string]string{
		"postgresql://u:geheim@h:bad/x?password=geheim": "invalid port",
		"postgresql://u:ge/heim@h/x":                    "invalid port",
		"host=x sslmode=bogus password='ge heim'":       "sslmode is invalid",
		"host=x password='geheim":                       "unterminated quoted string",
		"host=x password=ge heim sslmode=disable":       "needs single quotes",
		"mysql://u:geheim@h/x":                          "begins with postgresql://",
	} {
		for _, command := range []string{"dump", "restore", "hexdump"} {
			args := map[string][]string{"dump": {}, "restore": {"x.sql"}, "hexdump": {"--replay", os.DevNull}}[command]
			r := enginePglite(t, "", append([]string{command, "--uri", uri}, args...)...)
			if r.code != exitFailure || !strings.Contains(r.stderr, want) || strings.Contains(r.stderr, "heim") || !strings.Contains(r.stderr, "Usage: pglite "+command) {
				t.Errorf("%s --uri %s: exit code %d: %s", command, uri, r.code, r.stderr)
			}
		}
	}
}

// firstDifference shows the first line in which two texts differ.
func firstDifference(got, want string) string {
	a, b := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return "got  " + a[i] + "\nwant " + b[i]
		}
	}
	return "one is longer"
}
