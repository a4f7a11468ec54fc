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

// TestDumpAll moves a whole cluster, compressed, by standard input.
func TestDumpAll(t *testing.T) {
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

// TestDumpNative dumps native PostgreSQL and loads its dumps, SQL and archive.
func TestDumpNative(t *testing.T) {
	server := needNative(t)
	data := dumpCluster(t)
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	const table = "CREATE TABLE here (id int GENERATED ALWAYS AS IDENTITY, t text, b bytea); SELECT lo_from_bytea(42, repeat('large', 100000)::bytea), lo_from_bytea(43, ''); INSERT INTO here (t, b) SELECT E'tab\\tback\\\\slash' || i, decode('00ff', 'hex') FROM generate_series(1, 20000) i"
	for _, sql := range []string{"CREATE DATABASE dumped", "CREATE DATABASE loaded"} {
		if err := server.sql("postgres", sql); err != nil {
			t.Fatal(err)
		}
	}
	if err := server.sql("dumped", table); err != nil {
		t.Fatal(err)
	}
	uri := "host=" + filepath.Dir(server.socket) + " user=postgres dbname="
	const sum = "SELECT count(*), md5(string_agg(here::text, ',' ORDER BY id)), md5(lo_get(42)), lo_get(43) FROM here"
	want := runPglite(server, "", "-d", "dumped", "-At", sum).stdout
	succeed(t, "", "-D", data, "exec", "-q", "CREATE DATABASE a", "CREATE DATABASE b", "CREATE DATABASE c", "CREATE DATABASE d")
	server.program(t, "pg_dump", "-f", at("native.sql"), "dumped")
	server.program(t, "pg_dump", "-Fc", "-f", at("native.dump"), "dumped") // compressed with gzip, as is the next
	server.program(t, "pg_dump", "-Fd", "-f", at("native.dir"), "dumped")
	succeed(t, "", "dump", "--uri", uri+"dumped", "-f", at("ours.sql"))
	for database, file := range map[string]string{"a": "native.sql", "b": "native.dump", "c": "ours.sql", "d": "native.dir"} {
		succeed(t, "", "-D", data, "-d", database, "restore", at(file))
		if got := succeed(t, "", "-D", data, "-d", database, "exec", "-At", sum); got != want {
			t.Errorf("%s: %q, want %q", file, got, want)
		}
	}
	// The other way a dump of 18 goes into an older server without what that does not know: transaction_timeout is of 17.
	sql := succeed(t, "", "-D", data, "dump", "a")
	sql = strings.Replace(restrictKey.ReplaceAllString(sql, ""), "SET transaction_timeout = 0;", "", 1)
	c := server.command("loaded", "-q", "-v", "ON_ERROR_STOP=1", "-f", "-")
	c.Stdin = strings.NewReader(sql)
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("load into the native server: %v: %s", err, out)
	}
	if got := runPglite(server, "", "-d", "loaded", "-At", sum).stdout; got != want {
		t.Errorf("native: %q, want %q", got, want)
	}
}

// TestArchivesForNative: the native pg_restore reads compressed archives.
func TestArchivesForNative(t *testing.T) {
	server := needNative(t)
	const archives = 17 // the first pg_restore that reads version 1.16 of the format, which 18 writes
	if server.major < archives {
		t.Skipf("the pg_restore of PostgreSQL %d, which is here, cannot read archives of 18: that needs %d", server.major, archives)
	}
	data := dumpCluster(t)
	succeed(t, "", "-D", data, "exec", "-q", "CREATE TABLE here AS SELECT i, repeat(i::text, 100) AS t FROM generate_series(1, 20000) i")
	const sum = "SELECT count(*), md5(string_agg(here::text, ',' ORDER BY i)) FROM here"
	want := succeed(t, "", "-D", data, "exec", "-At", sum)
	file := filepath.Join(t.TempDir(), "archive")
	for database, args := range map[string][]string{"custom": {"-Fc"}, "directory": {"-Fd"}} {
		succeed(t, "", append(append([]string{"-D", data, "dump"}, args...), "-f", file+database, "postgres")...)
		if err := server.sql("postgres", "CREATE DATABASE "+database); err != nil {
			t.Fatal(err)
		}
		server.program(t, "pg_restore", "-d", database, file+database)
		if got := runPglite(server, "", "-d", database, "-At", sum).stdout; got != want {
			t.Errorf("%q: %q, want %q", args, got, want)
		}
	}
}

func TestParseDump(t *testing.T) {
	d, err := parseDump(strings.Fields("--all -D x --uri=u -f y --runtime r -Fc -- --all"))
	if err != nil || !d.all || d.data != "x" || d.uri != "u" || d.runtime != "r" || !slices.Equal(d.rest, strings.Fields("-f y -Fc --all")) {
		t.Errorf("%+v, %v", d, err)
	}
	if _, err := parseDump([]string{"--uri"}); err == nil {
		t.Error("no error for an option without its value")
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
