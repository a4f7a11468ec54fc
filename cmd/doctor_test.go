//go:build unix

package cmd

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/internal/doctor"
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
	var d doctor.Diagnosis
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
		"no cluster":         {func(dir string) error { return os.RemoveAll(dir) }, "make one: pglite init"},
		"something":          {func(dir string) error { return os.Remove(filepath.Join(dir, "PG_VERSION")) }, "holds something else"},
		"no control":         {func(dir string) error { return os.Remove(filepath.Join(dir, "global", "pg_control")) }, "restore a backup"},
		"cut control":        {func(dir string) error { return os.Truncate(filepath.Join(dir, "global", "pg_control"), 100) }, "restore a backup"},
		"no WAL":             {func(dir string) error { return os.RemoveAll(filepath.Join(dir, "pg_wal")) }, "pg_wal"},
		"missing":            {func(dir string) error { return os.RemoveAll(filepath.Join(dir, "pg_xact")) }, "missing: pg_xact"},
		"FIFO, no directory": {fifo("pg_notify"), "pg_notify is no directory"},
		"empty lock file": {func(dir string) error {
			return os.WriteFile(filepath.Join(dir, "postmaster.pid"), nil, 0o600)
		}, "postmaster.pid is empty"},
		"open to all":       {func(dir string) error { return os.Chmod(dir, 0o755) }, "chmod 0700"},
		"other major":       {func(dir string) error { return os.WriteFile(filepath.Join(dir, "PG_VERSION"), []byte("17\n"), 0o600) }, "was made by PostgreSQL 17"},
		"64 bits":           {widen, "layout:      PROBLEM: data directory"},
		"damaged pages":     {damagePages, "checksum verification failed"},
		"few connections":   {withLine("max_connections = 3"), `postgresql.conf line 0 sets max_connections: correct it there, or override it for one start: pglite --set max_connections=VALUE`},
		"absent library":    {withLine("shared_preload_libraries = 'pg_cron'"), "line 0 sets shared_preload_libraries"},
		"unknown parameter": {withLine("nonsense = on"), "-> correct it there"},
		"bad value":         {withLine("work_mem = many"), "postgresql.conf line 0"},
		"bad pg_hba.conf":   {func(dir string) error { return appendTo(filepath.Join(dir, "pg_hba.conf"), "local all all nonsense") }, "pg_hba.conf"},
		"bad ALTER SYSTEM": {func(dir string) error {
			return appendTo(filepath.Join(dir, "postgresql.auto.conf"), "max_connections = '1'")
		}, "postgresql.auto.conf line"},
		"no pg_hba.conf":            {func(dir string) error { return os.Remove(filepath.Join(dir, "pg_hba.conf")) }, `such as the lines "local all all trust"`},
		"no postgresql.conf":        {func(dir string) error { return os.Remove(filepath.Join(dir, "postgresql.conf")) }, "make an empty postgresql.conf"},
		"a FIFO as PG_VERSION":      {fifo("PG_VERSION"), "PG_VERSION is a FIFO, not a file"},
		"a FIFO as postgresql.conf": {fifo("postgresql.conf"), "postgresql.conf is a FIFO, not a file"},
		"a FIFO as pg_hba.conf":     {fifo("pg_hba.conf"), "pg_hba.conf is a FIFO, not a file"},
		"a directory as ALTER SYSTEM's": {func(dir string) error {
			name := filepath.Join(dir, "postgresql.auto.conf")
			return errors.Join(os.Remove(name), os.Mkdir(name, 0o700))
		}, "remove postgresql.auto.conf"},
		"a link as postgresql.conf": {func(dir string) error {
			name := filepath.Join(dir, "postgresql.conf")
			return errors.Join(os.Remove(name), os.Symlink("/dev/zero", name))
		}, "postgresql.conf is a link to nowhere, or out of the directory"},
		"a link as PG_VERSION": {func(dir string) error {
			name := filepath.Join(dir, "PG_VERSION")
			return errors.Join(os.Rename(name, name+"-old"), os.Symlink("PG_VERSION-old", name))
		}, "PG_VERSION is a link"},
		"a directory as the lock": {func(dir string) error {
			name := filepath.Join(dir, "pglite.lock")
			return errors.Join(os.RemoveAll(name), os.Mkdir(name, 0o700))
		}, "pglite.lock is a directory"},
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
			want := strings.ReplaceAll(test.want, "line 0", fmt.Sprintf("line %d", lastLine(t, dir)))
			if r.code != exitFailure || !strings.Contains(r.stdout, want) {
				t.Errorf("exit code %d, no %q in\n%s%s", r.code, want, r.stdout, r.stderr)
			}
			for _, check := range []string{"version", "owner", "control", "files", "layout"} {
				if strings.Count("\n"+r.stdout, "\n"+check+":") > 1 {
					t.Errorf("%s is told twice:\n%s", check, r.stdout)
				}
			}
		})
	}
}

// appendTo adds a line to a file.
func appendTo(name, line string) error {
	f, err := os.OpenFile(name, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteString(line + "\n")
	return errors.Join(err, f.Close())
}

// withLine adds a line to postgresql.conf.
func withLine(line string) func(dir string) error {
	return func(dir string) error { return appendTo(filepath.Join(dir, "postgresql.conf"), line) }
}

// lastLine is the number of the last line of postgresql.conf; 0 when it is none to read.
func lastLine(t *testing.T, dir string) int {
	t.Helper()
	name := filepath.Join(dir, "postgresql.conf")
	if info, err := os.Lstat(name); err != nil || !info.Mode().IsRegular() {
		return 0
	}
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Count(string(b), "\n")
}

// fifo puts a FIFO in a file's place.
func fifo(name string) func(dir string) error {
	return func(dir string) error {
		name := filepath.Join(dir, name)
		return errors.Join(os.Remove(name), syscall.Mkfifo(name, 0o600))
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

// TestDoctorOfDenied: a directory that may not be read is not taken for something else.
func TestDoctorOfDenied(t *testing.T) {
	t.Parallel()
	if os.Getuid() == 0 {
		t.Log("root may read everything: TestEnvironments tries it as another user")
		return
	}
	dir := filepath.Join(t.TempDir(), "db")
	if err := os.Mkdir(dir, 0); err != nil {
		t.Fatal(err)
	}
	r := enginePglite(t, "", "-D", dir, "doctor")
	if r.code != exitFailure || !strings.Contains(r.stdout, "permissions: PROBLEM: data directory") {
		t.Errorf("exit code %d: %s%s", r.code, r.stdout, r.stderr)
	}
}

// TestDoctorOfEmptyLock: a lock's file that says nothing does not hide the owner.
func TestDoctorOfEmptyLock(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "db")
	freshCluster(t, data)
	db, err := production().open(t.Context(), clusterConfig{DataDir: data})
	if err != nil {
		t.Fatal(err)
	}
	for _, content := range []string{"", "junk", "null"} {
		if err := os.WriteFile(filepath.Join(data, "pglite.lock"), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if r := enginePglite(t, "", "-D", data, "doctor"); !strings.Contains(r.stdout, "in use by ") {
			t.Errorf("%q: exit code %d: %s%s", content, r.code, r.stdout, r.stderr)
		}
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
}

// TestDoctorOfCopiedFiles: directories that a copy of files has lost are no damage, and doctor makes them when asked.
func TestDoctorOfCopiedFiles(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "db")
	freshCluster(t, data)
	for _, name := range []string{"pg_notify", "pg_replslot", "pg_tblspc"} {
		if err := os.Remove(filepath.Join(data, name)); err != nil {
			t.Fatal(err)
		}
	}
	const missing = "WARNING: missing, as after a copy of files only: pg_notify, pg_replslot, pg_tblspc"
	if r := enginePglite(t, "", "-D", data, "doctor"); r.code != exitOK || !strings.Contains(r.stdout, missing) {
		t.Errorf("exit code %d: %s%s", r.code, r.stdout, r.stderr)
	}
	if r := enginePglite(t, "", "-D", data, "doctor", "--repair-directories"); r.code != exitOK || strings.Contains(r.stdout, "missing") ||
		!strings.Contains(r.stderr, "made the directories pg_notify, pg_replslot, pg_tblspc") {
		t.Errorf("exit code %d: %s%s", r.code, r.stdout, r.stderr)
	}
}
