//go:build unix

package cmd

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pglite-toolbox/pglite/engine"
)

// fingerprint is of all that is in a directory: names, modes, times, contents.
func fingerprint(t *testing.T, dir string) string {
	t.Helper()
	sum, files := sha256.New(), 0
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		fmt.Fprintln(sum, name, info.Mode(), info.ModTime())
		if !d.Type().IsRegular() {
			return nil
		}
		files++
		b, err := os.ReadFile(name)
		sum.Write(b)
		return err
	})
	if err != nil || files == 0 {
		t.Fatalf("%d files, %v", files, err)
	}
	return fmt.Sprintf("%x", sum.Sum(nil))
}

// TestDoctorChangesNothing compares every byte.
func TestDoctorChangesNothing(t *testing.T) {
	t.Parallel()
	data := dumpCluster(t)
	before := fingerprint(t, data)
	text := succeed(t, "", "-D", data, "doctor", "--checksums", "--amcheck")
	for _, want := range []string{"state:       shut down", "all checksums are right", "not in use", "made by PostgreSQL", "all tables and indexes are sound"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if after := fingerprint(t, data); after != before {
		t.Error("doctor has changed the data directory")
	}
	var d diagnosis
	if err := json.Unmarshal([]byte(succeed(t, "", "-D", data, "doctor", "--json")), &d); err != nil || !d.Healthy || d.Control["Database cluster state"] != "shut down" {
		t.Errorf("%+v, %v", d, err)
	}
}

// TestDoctorOfRunning looks at a cluster that this process runs.
func TestDoctorOfRunning(t *testing.T) {
	t.Parallel()
	data := dumpCluster(t)
	db, err := production().open(t.Context(), clusterConfig{DataDir: data})
	if err != nil {
		t.Fatal(err)
	}
	lock := filepath.Join(data, "pglite.lock")
	before, err := os.ReadFile(lock)
	if err != nil {
		t.Fatal(err)
	}
	written, err := os.Stat(lock)
	if err != nil {
		t.Fatal(err)
	}
	text := succeed(t, "", "-D", data, "doctor")
	if after, err := os.ReadFile(lock); err != nil || string(after) != string(before) {
		t.Errorf("the owner's lock says %q, %v; it said %q", after, err, before)
	}
	if info, err := os.Stat(lock); err != nil || !info.ModTime().Equal(written.ModTime()) || !os.SameFile(info, written) {
		t.Errorf("the owner's lock was touched: %v", err)
	}
	if pid, _, ok := engine.Owner(data); !ok || pid != os.Getpid() {
		t.Error("the owner has lost its lock")
	}
	if !strings.Contains(text, "in production") || !strings.Contains(text, fmt.Sprintf("in use by pglite process %d", os.Getpid())) {
		t.Errorf("%s", text)
	}
	if text := succeed(t, "", "-D", data, "doctor", "--amcheck"); !strings.Contains(text, "all tables and indexes are sound") {
		t.Errorf("amcheck: %s", text)
	}
	if n := succeed(t, "", "-D", data, "exec", "-At", "SELECT count(*) FROM pg_extension WHERE extname = 'amcheck'"); n != "0\n" {
		t.Errorf("the extension amcheck stays: %q", n)
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
}

// TestDoctorFinds damages a cluster in several ways.
func TestDoctorFinds(t *testing.T) {
	t.Parallel()
	data := dumpCluster(t)
	for name, test := range map[string]struct {
		harm func(dir string) error
		want string
	}{
		"no cluster":    {func(dir string) error { return os.RemoveAll(dir) }, "make one: pglite init"},
		"something":     {func(dir string) error { return os.Remove(filepath.Join(dir, "PG_VERSION")) }, "holds something else"},
		"no control":    {func(dir string) error { return os.Remove(filepath.Join(dir, "global", "pg_control")) }, "restore a backup"},
		"cut control":   {func(dir string) error { return os.Truncate(filepath.Join(dir, "global", "pg_control"), 100) }, "restore a backup"},
		"no WAL":        {func(dir string) error { return os.RemoveAll(filepath.Join(dir, "pg_wal")) }, "pg_wal"},
		"missing":       {func(dir string) error { return os.RemoveAll(filepath.Join(dir, "pg_xact")) }, "missing: pg_xact"},
		"open to all":   {func(dir string) error { return os.Chmod(dir, 0o755) }, "chmod 0700"},
		"other major":   {func(dir string) error { return os.WriteFile(filepath.Join(dir, "PG_VERSION"), []byte("17\n"), 0o600) }, "was made by PostgreSQL 17"},
		"64 bits":       {widen, "layout:      PROBLEM: data directory"},
		"damaged pages": {damagePages, "checksum verification failed"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "data")
			if err := os.CopyFS(dir, os.DirFS(data)); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(dir, 0o700); err != nil {
				t.Fatal(err)
			}
			if err := test.harm(dir); err != nil {
				t.Fatal(err)
			}
			r := enginePglite(t, "", "-D", dir, "doctor", "--checksums")
			if r.code != exitFailure || !strings.Contains(r.stdout, test.want) {
				t.Errorf("exit code %d, no %q in\n%s%s", r.code, test.want, r.stdout, r.stderr)
			}
			for _, check := range []string{"version", "owner", "control", "files", "layout"} {
				if strings.Count("\n"+r.stdout, "\n"+check+":") > 1 {
					t.Errorf("%s is told twice:\n%s", check, r.stdout)
				}
			}
		})
	}
}

// damagePages changes a byte of pg_class.
func damagePages(dir string) error {
	name := filepath.Join(dir, "base", "1", "1259")
	f, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = f.WriteAt([]byte{0x55}, 5000)
	return err
}
