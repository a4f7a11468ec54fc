//go:build unix

package cmd

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ulikunitz/xz"
)

// compressed writes a file through a compressor.
func compressed(t *testing.T, name, text string) {
	t.Helper()
	var b bytes.Buffer
	var err error
	if strings.HasSuffix(name, ".gz") {
		w := gzip.NewWriter(&b)
		_, err = w.Write([]byte(text))
		err = errors.Join(err, w.Close())
	} else {
		w, e := xz.NewWriter(&b)
		if e != nil {
			t.Fatal(e)
		}
		_, err = w.Write([]byte(text))
		err = errors.Join(err, w.Close())
	}
	if err = errors.Join(err, os.WriteFile(name, b.Bytes(), 0o600)); err != nil {
		t.Fatal(err)
	}
}

// TestInitSQL: scripts run once, in order, in the new database; a cluster that is there is left alone.
func TestInitSQL(t *testing.T) {
	t.Parallel()
	needRuntime(t)
	dir := t.TempDir()
	seeds, data, first := filepath.Join(dir, "seeds"), filepath.Join(dir, "db"), filepath.Join(dir, "first.sql")
	if err := os.Mkdir(seeds, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.WriteFile(first, []byte("CREATE TABLE log (n serial, what text);\n"), 0o600),
		os.WriteFile(filepath.Join(seeds, "10.sql"), []byte("INSERT INTO log (what) VALUES ('ten');\n"), 0o600),
		os.WriteFile(filepath.Join(seeds, "notes.txt"), []byte("no SQL"), 0o600)); err != nil {
		t.Fatal(err)
	}
	compressed(t, filepath.Join(seeds, "20.sql.gz"), "INSERT INTO log (what) VALUES ('twenty');\n")
	compressed(t, filepath.Join(seeds, "30.sql.xz"), "COPY log (what) FROM stdin;\nthirty\n\\.\n")
	args := []string{"init", "--create-user", "Shop", "--create-db", "the shop", "--sql", first, "--sql", seeds, data}
	if code, _, stderr := pglite(t, args...); code != 0 {
		t.Fatalf("exit code %d\n%s", code, stderr)
	}
	got := must(t, "-D", data, "-d", "the shop", "exec", "-At", "SELECT string_agg(what, ',' ORDER BY n) FROM log",
		"SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()")
	if got != "ten,twenty,thirty\nShop\n" {
		t.Errorf("%q", got)
	}
	code, _, stderr := pglite(t, args...)
	if again := must(t, "-D", data, "-d", "the shop", "exec", "-At", "SELECT count(*) FROM log"); code != 0 || again != "3\n" ||
		!strings.Contains(stderr, "--sql, --create-db and --create-user changed nothing") {
		t.Errorf("again: %d, %q\n%s", code, again, stderr)
	}
}

// TestInitSQLFails: a script that fails leaves no cluster, wherever that would have been.
func TestInitSQLFails(t *testing.T) {
	t.Parallel()
	needRuntime(t)
	dir := t.TempDir()
	write := func(name, text string) string {
		name = filepath.Join(dir, name)
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	empty := filepath.Join(dir, "empty")
	if err := os.Mkdir(empty, 0o700); err != nil {
		t.Fatal(err)
	}
	bad := write("bad.sql", "CREATE TABLE a ();\nSELECT nonsense;\nCREATE TABLE b ();\n")
	cut := filepath.Join(dir, "cut.sql.gz")
	compressed(t, cut, strings.Repeat("SELECT 1;\n", 10_000))
	if err := os.Truncate(cut, 60); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		args []string
		want string
	}{
		"an error":       {[]string{"--sql", bad}, "bad.sql failed, so there is no cluster"},
		"a cut file":     {[]string{"--sql", cut}, "cut.sql.gz: unexpected EOF"},
		"no file":        {[]string{"--sql", filepath.Join(dir, "none.sql")}, "none.sql: no such file"},
		"no scripts":     {[]string{"--sql", empty}, "has no file that ends in .sql"},
		"a taken name":   {[]string{"--create-db", "template1"}, `"template1" already exists`},
		"a reserved one": {[]string{"--create-user", "pg_me"}, `role name "pg_me" is reserved`},
	} {
		data := filepath.Join(dir, strings.ReplaceAll(name, " ", "-"))
		code, stdout, stderr := pglite(t, append(append([]string{"init"}, test.args...), data)...)
		if code != exitFailure || stdout != "" || !strings.Contains(stderr, test.want) {
			t.Errorf("%s: %d, %q, no %q in\n%s", name, code, stdout, test.want, stderr)
		}
		if _, err := os.Stat(data); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: a cluster is left: %v", name, err)
		}
	}
}
