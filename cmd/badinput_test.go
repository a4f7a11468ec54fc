//go:build unix

package cmd

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/install"
)

// pglite runs the program in this process on the engine.
func pglite(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	return place{}.pglite(t, args...)
}

// needRuntime skips a test when no runtime is built in.
func needRuntime(t *testing.T) {
	t.Helper()
	if len(embeddedTools()) == 0 {
		t.Skip("no runtime is embedded: make runtime")
	}
}

// freshCluster makes a cluster and returns its data directory.
func freshCluster(t *testing.T, dir string) string {
	t.Helper()
	if code, _, stderr := pglite(t, "init", dir); code != 0 {
		t.Fatalf("init: %s", stderr)
	}
	return dir
}

// snapshot describes all below dir: names, modes, times of change and contents.
func snapshot(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		fmt.Fprintf(&b, "%s %v %v", name, info.Mode(), info.ModTime())
		if d.Type().IsRegular() {
			content, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			fmt.Fprintf(&b, " %x", sha256.Sum256(content))
		}
		b.WriteByte('\n')
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// badInput is a directory that is no good, and what the commands have to say about it.
type badInput struct {
	name    string
	prepare func(t *testing.T, dir string) // makes what dir is, in an existing parent
	init    string                         // pattern of init's message; "" when init has nothing to complain about
	open    string                         // pattern of the message of the others
}

// write writes a file of the test.
func write(t *testing.T, content string, name ...string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(name...), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func mkdir(t *testing.T, name ...string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Join(name...), 0o700); err != nil {
		t.Fatal(err)
	}
}

// broken makes a cluster and lets change break it.
func broken(change func(dir string) error) func(*testing.T, string) {
	return func(t *testing.T, dir string) {
		if err := change(freshCluster(t, dir)); err != nil {
			t.Fatal(err)
		}
	}
}

func badInputs() []badInput {
	notCluster := `^pglite: ".*/db" is not a PostgreSQL data directory \(it has no PG_VERSION\): make a cluster with pglite init\n$`
	const damaged = `global/pg_control is damaged: .*; restore a backup\n$`
	control := filepath.Join("global", "pg_control")
	return []badInput{
		{
			name:    "a directory of something else",
			prepare: func(t *testing.T, dir string) { mkdir(t, dir); write(t, "precious", dir, "thesis.txt") },
			init:    `^pglite: ".*/db" is not empty and not a PostgreSQL data directory \(it has no PG_VERSION\): name an empty or a new directory\n$`,
			open:    notCluster,
		},
		{
			name:    "a file",
			prepare: func(t *testing.T, dir string) { write(t, "precious", dir) },
			init:    `^pglite: ".*/db" is a file, not a directory: name a directory for the cluster\n$`,
			open:    `^pglite: ".*/db" is a file, not a directory: name a directory for the cluster\n$`,
		},
		{
			name: "below a file",
			prepare: func(t *testing.T, dir string) {
				write(t, "precious", dir)
				_ = os.Rename(dir, filepath.Dir(dir)+"/x")
				mkdir(t, dir)
				_ = os.Remove(dir)
				_ = os.Symlink("x/y", dir)
			},
			init: `^pglite: .*not a directory\n$`,
			open: `^pglite: .*not a directory\n$`,
		},
		{
			name:    "a link that leads nowhere",
			prepare: func(t *testing.T, dir string) { _ = os.Symlink("nowhere", dir) },
			init:    `^pglite: ".*/db" is a link to "nowhere", which does not exist: make that directory, or remove the link\n$`,
			open:    `^pglite: ".*/db" is a link to "nowhere", which does not exist: make that directory, or remove the link\n$`,
		},
		{
			name:    "nothing",
			prepare: func(*testing.T, string) {},
			open:    `^pglite: data directory ".*/db" does not exist: make it with pglite init\n$`,
		},
		{
			name:    "an empty directory",
			prepare: func(t *testing.T, dir string) { mkdir(t, dir) },
			open:    notCluster,
		},
		{
			name:    "another major version",
			prepare: broken(func(dir string) error { return os.WriteFile(filepath.Join(dir, "PG_VERSION"), []byte("9.6\n"), 0o600) }),
			init:    `^pglite: data directory ".*/db" was made by PostgreSQL 9.6, this runtime is PostgreSQL \d+: dump it with`,
			open:    `^pglite: data directory ".*/db" was made by PostgreSQL 9.6, this runtime is PostgreSQL \d+: dump it with`,
		},
		{
			name:    "a truncated control file",
			prepare: broken(func(dir string) error { return os.Truncate(filepath.Join(dir, control), 100) }),
			init:    damaged,
			open:    damaged,
		},
		{
			name:    "an empty control file",
			prepare: broken(func(dir string) error { return os.Truncate(filepath.Join(dir, control), 0) }),
			init:    damaged,
			open:    damaged,
		},
		{
			name:    "no control file",
			prepare: broken(func(dir string) error { return os.Remove(filepath.Join(dir, control)) }),
			init:    `is not whole: it has no global/pg_control; restore a backup\n$`,
			open:    `is not whole: it has no global/pg_control; restore a backup\n$`,
		},
		{
			name:    "a cluster of a 64-bit server",
			prepare: broken(widen),
			init:    `^pglite: data directory ".*/db" was made by a 64-bit PostgreSQL, and this is a 32-bit one: dump it there and restore the dump here\n$`,
			open:    `^pglite: data directory ".*/db" was made by a 64-bit PostgreSQL, and this is a 32-bit one: dump it there and restore the dump here\n$`,
		},
		{
			name: "a cluster of another catalog version",
			prepare: broken(func(dir string) error {
				return rewriteControl(dir, func(b []byte, _ int) { b[12]++ })
			}),
			init: `^pglite: data directory ".*/db" was made by a PostgreSQL that was built otherwise \(catalog version \d+, not \d+\): dump it there`,
			open: `^pglite: data directory ".*/db" was made by a PostgreSQL that was built otherwise \(catalog version \d+, not \d+\): dump it there`,
		},
		{
			name: "a cluster on which another PostgreSQL runs",
			prepare: func(t *testing.T, dir string) {
				write(t, postmasterPID(strconv.Itoa(otherProcess(t)), freshCluster(t, dir)), dir, "postmaster.pid")
			},
			init: `^pglite: data directory ".*/db" is in use by another PostgreSQL, process \d+, .*: stop that one first \(pg_ctl stop\)\n$`,
			open: `^pglite: data directory ".*/db" is in use by another PostgreSQL, process \d+, .*: stop that one first \(pg_ctl stop\)\n$`,
		},
		{
			name:    "a directory that others may read",
			prepare: broken(func(dir string) error { return os.Chmod(dir, 0o755) }),
			init:    `^pglite: data directory ".*/db" has mode 0755, and PostgreSQL starts with 0700 or 0750 only: chmod 0700 .*/db\n$`,
			open:    `^pglite: data directory ".*/db" has mode 0755, and PostgreSQL starts with 0700 or 0750 only: chmod 0700 .*/db\n$`,
		},
		{
			name: "an interrupted init",
			prepare: func(t *testing.T, dir string) {
				mkdir(t, dir, ".pglite-init", "data")
				write(t, "", dir, ".pglite-init", "lock")
			},
			open: `^pglite: ".*/db" is not a PostgreSQL data directory \(its making was interrupted\): run pglite init again\n$`,
		},
	}
}

// rewriteControl changes the control file; crcAt is where its checksum is, which is made right again.
func rewriteControl(dir string, change func(b []byte, crcAt int)) error {
	const smallest = 200
	name := filepath.Join(dir, "global", "pg_control")
	b, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	table := crc32.MakeTable(crc32.Castagnoli)
	for at := smallest; at+4 <= len(b); at += 4 {
		if binary.LittleEndian.Uint32(b[at:]) == crc32.Checksum(b[:at], table) {
			change(b, at)
			binary.LittleEndian.PutUint32(b[at:], crc32.Checksum(b[:at], table))
			return os.WriteFile(name, b, 0o600)
		}
	}
	return errors.New("no checksum in the control file")
}

// widen makes the control file that of a 64-bit server: float8ByVal comes 40 bytes after the constant of floatFormat.
func widen(dir string) error {
	format := binary.LittleEndian.AppendUint64(nil, math.Float64bits(1234567))
	return rewriteControl(dir, func(b []byte, _ int) { b[bytes.Index(b, format)+40] = 1 })
}

// postmasterPID is a postmaster.pid.
func postmasterPID(pid, dir string) string {
	return pid + "\n" + dir + "\n1735689600\n5432\n/tmp\nlocalhost\n  1234567         1\nready   \n"
}

// otherProcess starts a process that lives as long as the test.
func otherProcess(t *testing.T) (pid int) {
	t.Helper()
	c := exec.Command("sleep", "1000")
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Process.Kill(); _ = c.Wait() })
	return c.Process.Pid
}

// TestStalePostmaster: what a server has left that does not run, or that runs where the directory has another name, stops nobody.
func TestStalePostmaster(t *testing.T) {
	t.Parallel()
	needRuntime(t)
	ended := exec.Command("true")
	if err := ended.Run(); err != nil {
		t.Fatal(err)
	}
	dir := freshCluster(t, filepath.Join(t.TempDir(), "db"))
	for what, content := range map[string]string{
		"a process that has ended":    postmasterPID(strconv.Itoa(ended.Process.Pid), dir),
		"our own process":             postmasterPID(strconv.Itoa(os.Getpid()), dir),
		"another name of a directory": postmasterPID(strconv.Itoa(otherProcess(t)), "/pgdata"),
		"PGlite's":                    postmasterPID("-42", "/tmp/pglite/base"),
		"nonsense":                    "nonsense",
		"nothing":                     "",
	} {
		write(t, content, dir, "postmaster.pid")
		if _, err := install.InitIn(t.Context(), dir); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	write(t, postmasterPID(strconv.Itoa(ended.Process.Pid), dir), dir, "postmaster.pid")
	if code, stdout, stderr := pglite(t, "-D", dir, "exec", "-At", "-c", "SELECT 1"); code != 0 || stdout != "1\n" {
		t.Errorf("exit code %d, %q, %q", code, stdout, stderr)
	}
}

// TestForeignBackup: what a 64-bit server's pg_basebackup made is refused, and what was in use when it was copied is not.
func TestForeignBackup(t *testing.T) {
	t.Parallel()
	needRuntime(t)
	dir := t.TempDir()
	data := freshCluster(t, filepath.Join(dir, "db"))
	write(t, postmasterPID(strconv.Itoa(otherProcess(t)), data), data, "postmaster.pid")
	tarred := func(name string) string {
		name = filepath.Join(dir, name)
		if out, err := exec.Command("tar", "-C", data, "-cf", name, ".").CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		return name
	}
	if code, _, stderr := pglite(t, "init", "--from", tarred("ours.tar"), filepath.Join(dir, "copy")); code != 0 {
		t.Error(stderr)
	}
	if err := widen(data); err != nil {
		t.Fatal(err)
	}
	wide := tarred("wide.tar")
	wantRefusal(t, `data directory "`+wide+`" was made by a 64-bit PostgreSQL, .*: dump it there and restore the dump here\n$`, "init", "--from", wide, filepath.Join(dir, "bad"))
	wantRefusal(t, `backup "`+data+`" is a directory: name the tar archive in it, or open it if it is a data directory\n$`, "init", "--from", data, filepath.Join(dir, "bad"))
	if _, err := os.Stat(filepath.Join(dir, "bad")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a directory is left: %v", err)
	}
}

// TestBadInput gives each command directories that are no good: one clear sentence, exit code 1, and nothing changed on disk.
func TestBadInput(t *testing.T) {
	t.Parallel()
	needRuntime(t)
	inputs := badInputs()
	if len(inputs) == 0 {
		t.Fatal("nothing to check")
	}
	for _, bad := range inputs {
		t.Run(bad.name, func(t *testing.T) {
			parent := t.TempDir()
			dir := filepath.Join(parent, "db")
			bad.prepare(t, dir)
			before := snapshot(t, parent)
			commands := [][]string{
				{"-D", dir, "exec", "SELECT 1"}, {"-D", dir, "tool", "psql", "-c", "SELECT 1"}, {"-D", dir, "serve", "--socket-dir", t.TempDir()},
			}
			for _, args := range commands {
				wantRefusal(t, bad.open, args...)
			}
			if bad.init != "" {
				wantRefusal(t, bad.init, "init", dir)
			}
			if after := snapshot(t, parent); after != before {
				t.Errorf("something changed:\n%s\nwas:\n%s", after, before)
			}
		})
	}
}

// wantRefusal is that of the place of the tests.
func wantRefusal(t *testing.T, pattern string, args ...string) {
	t.Helper()
	place{}.wantRefusal(t, pattern, args...)
}

// wantRefusal runs a command that has to fail with one sentence.
func (p place) wantRefusal(t *testing.T, pattern string, args ...string) {
	t.Helper()
	code, stdout, stderr := p.pglite(t, args...)
	if code != exitFailure || stdout != "" {
		t.Errorf("%q: exit code %d, want %d; standard output %q", args, code, exitFailure, stdout)
	}
	if !regexp.MustCompile(pattern).MatchString(stderr) || strings.Count(stderr, "\n") != 1 {
		t.Errorf("%q says %q, want one line like %s", args, stderr, pattern)
	}
}

// TestInitMemory: there is nothing to make before the server starts.
func TestInitMemory(t *testing.T) {
	t.Parallel()
	wantRefusal(t, `^pglite: a cluster in memory is made by the command that uses it`, "init", engine.Memory)
}

// TestWithoutRuntime names a runtime that is none.
func TestWithoutRuntime(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, "nonsense", dir, "file")
	mkdir(t, dir, "empty")
	for runtime, pattern := range map[string]string{
		filepath.Join(dir, "file"):    `^pglite: runtime ".*": unpack the runtime: the archive is damaged: .*\n$`,
		filepath.Join(dir, "empty"):   `^pglite: ".*" is not a runtime: it has no manifest.json\n$`,
		filepath.Join(dir, "missing"): `^pglite: runtime: .*no such file or directory\n$`,
	} {
		wantRefusal(t, pattern, "--runtime", runtime, "init", filepath.Join(dir, "db"))
		if _, err := os.Stat(filepath.Join(dir, "db")); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("init without a runtime leaves a directory: %v", err)
		}
	}
}
