//go:build unix

package cmd

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestInitFromPGlite makes clusters of what PGlite in Node writes with dumpDataDir.
func TestInitFromPGlite(t *testing.T) {
	t.Parallel()
	needRuntime(t)
	if testing.Short() {
		t.Skip("runs PGlite in Node")
	}
	node, module := findPGlite(t)
	const made = `CREATE TABLE moved (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, t text UNIQUE, j jsonb, f float8, b bytea);
		INSERT INTO moved (t, j, f, b) SELECT 'row ' || i || ' é', jsonb_build_object('i', i), i / 3.0, decode(repeat('00ff', i), 'hex') FROM generate_series(1, 2000) i;
		CREATE INDEX ON moved USING gin (j); DELETE FROM moved WHERE id % 7 = 0; CREATE VIEW seen AS SELECT count(*) FROM moved`
	const sum = "SELECT count(*), sum(id), md5(string_agg(moved::text, ',' ORDER BY id)) FROM moved"
	// The same by our own server is what PGlite's has to be.
	own := freshCluster(t, filepath.Join(t.TempDir(), "own"))
	want := must(t, "-D", own, "exec", "-q", "-At", "-c", made, "-c", sum)
	dir := t.TempDir()
	if out, err := exec.Command(node, "testdata/dump-data-dir.mjs", module, dir, made).CombinedOutput(); err != nil {
		t.Fatalf("PGlite: %v: %s", err, out)
	}
	for _, name := range []string{"dump.tar", "dump.tar.gz"} {
		t.Run(name, func(t *testing.T) {
			data := filepath.Join(t.TempDir(), "data")
			must(t, "init", "--from", filepath.Join(dir, name), data)
			if got := must(t, "-D", data, "exec", "-At", "-c", sum); got != want {
				t.Errorf("%q, want %q", got, want)
			}
			if got := must(t, "-D", data, "exec", "-q", "-At", "-c", "INSERT INTO moved (t) VALUES ('new')", "-c", "SELECT id > 2000 FROM moved WHERE t = 'new'", "-c", "TABLE seen"); got != "t\n1716\n" {
				t.Errorf("written to: %q", got)
			}
			must(t, "-D", data, "doctor", "--amcheck")
		})
	}
}

// findPGlite returns Node and the main module of PGlite in the user's cache directory.
func findPGlite(t *testing.T) (node, module string) {
	t.Helper()
	const hint = "scripts/peer installs PGlite from npm"
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("this machine has no Node: " + hint)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Skip(err)
	}
	module = filepath.Join(cache, "pglite", "bench", "node_modules", "@electric-sql", "pglite", "dist", "index.js")
	if _, err := os.Stat(module); err != nil {
		t.Skip("there is no PGlite: " + hint)
	}
	return node, module
}
