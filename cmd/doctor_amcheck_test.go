//go:build unix

package cmd

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestAmcheckFinds damages an index where no checksum tells.
func TestAmcheckFinds(t *testing.T) {
	t.Parallel()
	needRuntime(t)
	if testing.Short() {
		t.Skip("runs initdb")
	}
	data := filepath.Join(t.TempDir(), "data")
	must(t, "init", "--no-data-checksums", data)
	index := strings.TrimSpace(must(t, "-D", data, "exec", "-q", "-At", "CREATE TABLE k AS SELECT generate_series(1, 1000) i", "CREATE INDEX ki ON k (i)", "SELECT pg_relation_filepath('ki')"))
	f, err := os.OpenFile(filepath.Join(data, index), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	const block, firstKey = 8192, 8184 // the first leaf is the block after the meta page; its first key ends it
	if _, err := f.WriteAt([]byte{0xff, 0x7f}, block+firstKey); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	r := enginePglite(t, "", "-D", data, "doctor", "--amcheck")
	if r.code != exitFailure || !strings.Contains(r.stdout, `PROBLEM: btree index "postgres.public.ki"`) || !strings.Contains(r.stdout, "-> rebuild broken indexes with REINDEX") {
		t.Errorf("exit code %d: %s%s", r.code, r.stdout, r.stderr)
	}
}

// TestNobodyAsksForAPassword: what has no terminal fails where a password is needed; it neither waits nor takes the dump for one.
func TestNobodyAsksForAPassword(t *testing.T) {
	t.Parallel()
	needRuntime(t)
	if testing.Short() {
		t.Skip("runs initdb")
	}
	dir := t.TempDir()
	data, password := filepath.Join(dir, "data"), filepath.Join(dir, "password")
	if err := os.WriteFile(password, []byte("geheim\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	must(t, "init", "--auth=scram-sha-256", "--pwfile", password, data)
	const dump, missing = "geheim\nCREATE TABLE restored ();\n", "no password supplied"
	if r := enginePglite(t, dump, "-D", data, "restore", "-"); r.code == exitOK || !strings.Contains(r.stderr, missing) {
		t.Errorf("restore: exit code %d: %s", r.code, r.stderr)
	}
	if r := enginePglite(t, "", "-D", data, "doctor", "--amcheck"); r.code != exitFailure || !strings.Contains(r.stdout, missing) || !strings.Contains(r.stdout, "not verified") || !strings.Contains(r.stdout, "PGPASSWORD") {
		t.Errorf("doctor: exit code %d: %s", r.code, r.stdout)
	}
	place{}.with("PGPASSWORD=geheim").must(t, "-D", data, "doctor", "--amcheck")
}
