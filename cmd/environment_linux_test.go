package cmd

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// stranger has no entry in the user database.
const stranger = 4711

// world is a place where other users may run pglite.
type world struct {
	t       *testing.T
	dir     string
	program string
	baked   string // a cache that root has made
}

// newWorld bakes a cache as an image does.
func newWorld(t *testing.T) *world {
	t.Helper()
	needRuntime(t)
	if testing.Short() {
		t.Skip("compiles all programs")
	}
	if os.Getuid() != 0 {
		t.Skip("SKIPPED, NOTHING WAS TESTED: only root can run programs as other users")
	}
	w := &world{t: t, dir: t.TempDir()}
	for dir := w.dir; dir != "/" && dir != os.TempDir(); dir = filepath.Dir(dir) {
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	w.program, w.baked = filepath.Join(w.dir, "pglite"), filepath.Join(w.dir, "baked")
	self, err := os.ReadFile("/proc/self/exe") // which is pglite under that name: see TestMain
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.WriteFile(w.program, self, 0o755), os.Mkdir(w.baked, 0o755)); err != nil {
		t.Fatal(err)
	}
	w.must("", w.run(0, []string{"XDG_CACHE_HOME=" + w.baked}, "init", "--runtime-only"))
	return w
}

// mkdir makes a directory for the stranger.
func (w *world) mkdir(name string) string {
	w.t.Helper()
	dir := filepath.Join(w.dir, name)
	if err := errors.Join(os.Mkdir(dir, 0o700), os.Chown(dir, stranger, stranger)); err != nil {
		w.t.Fatal(err)
	}
	return dir
}

// run runs pglite as a user, in an environment that has nothing but env.
func (w *world) run(uid uint32, env []string, args ...string) result {
	w.t.Helper()
	var r result
	c := exec.CommandContext(w.t.Context(), w.program, args...)
	var out, errs strings.Builder
	c.Env, c.Dir, c.Stdout, c.Stderr = append([]string{}, env...), "/", &out, &errs
	c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: uid}}
	if err := c.Run(); err != nil && c.ProcessState == nil {
		w.t.Fatal(err)
	}
	r.code, r.stdout, r.stderr = c.ProcessState.ExitCode(), out.String(), errs.String()
	return r
}

// must checks that a command went well, and what it printed when that is given.
func (w *world) must(want string, r result) {
	w.t.Helper()
	if r.code != 0 || want != "" && r.stdout != want {
		w.t.Errorf("exit code %d, %q, want %q\n%s", r.code, r.stdout, want, r.stderr)
	}
}

// TestEnvironments runs pglite where there is no home.
func TestEnvironments(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.noHome()
	w.bakedCache()
}

// bakedCache: a cache that root has made serves others, who can write neither it nor any home.
func (w *world) bakedCache() {
	t := w.t
	before := fingerprint(t, w.baked)
	temp, work := w.mkdir("tmp2"), w.mkdir("work")
	env := []string{"XDG_CACHE_HOME=" + w.baked, "TMPDIR=" + temp, "HOME=/"}
	data := filepath.Join(work, "db")
	w.must("1\n", w.run(stranger, env, "-D", "memory:", "exec", "-At", "SELECT 1"))
	w.must("", w.run(stranger, env, "init", data))
	w.must("", w.run(stranger, env, "-D", data, "exec", "CREATE TABLE t AS SELECT 1 AS a"))
	w.must("", w.run(stranger, env, "-D", data, "dump", "-f", filepath.Join(work, "dump.sql")))
	w.must("served\n", w.run(stranger, env, "-D", data, "serve", "--tcp", "0", "--", "/bin/echo", "served"))
	w.must("1\n", w.run(stranger, env, "-D", data, "tool", "psql", "-Atc", "TABLE t"))
	if after := fingerprint(t, w.baked); after != before {
		t.Error("the baked cache has changed")
	}
	own := filepath.Join(temp, "pglite-4711", "cache", "pglite")
	compiled, err := filepath.Glob(filepath.Join(own, "code", "[0-9a-f]*"))
	if _, e := os.Stat(filepath.Join(own, "runtime")); !errors.Is(e, fs.ErrNotExist) || err != nil || len(compiled) > 0 {
		t.Errorf("something was unpacked or compiled again: %v, %q, %v", e, compiled, err)
	}
	w.denied(env)
	w.distrusts(env)
}

// denied looks at a directory of root's.
func (w *world) denied(env []string) {
	w.t.Helper()
	dir := filepath.Join(w.dir, "roots")
	if err := os.Mkdir(dir, 0o700); err != nil {
		w.t.Fatal(err)
	}
	r := w.run(stranger, env, "-D", dir, "doctor")
	if r.code != exitFailure || !strings.Contains(r.stdout, "permission denied") || !strings.Contains(r.stdout, "the user who owns the directory (root)") {
		w.t.Errorf("doctor: %d, %s%s", r.code, r.stdout, r.stderr)
	}
	if r := w.run(stranger, env, "-D", dir, "info"); !strings.Contains(r.stdout, "denied") {
		w.t.Errorf("info: %d, %s%s", r.code, r.stdout, r.stderr)
	}
}

// distrusts checks that a baked cache is passed by as soon as a stranger could have written to any of it.
func (w *world) distrusts(env []string) {
	w.t.Helper()
	runtimes, err := filepath.Glob(filepath.Join(w.baked, "pglite", "runtime", "*", "bin"))
	if err != nil || len(runtimes) != 1 {
		w.t.Fatalf("%q, %v", runtimes, err)
	}
	for _, name := range []string{filepath.Join(runtimes[0], "postgres.wasm"), runtimes[0], filepath.Join(w.baked, "pglite")} {
		info, err := os.Stat(name)
		if err != nil {
			w.t.Fatal(err)
		}
		for what, harm := range map[string]func() error{
			"open to all":     func() error { return os.Chmod(name, 0o777) },
			"another's":       func() error { return os.Chown(name, stranger+1, 0) },
			"open to a group": func() error { return os.Chmod(name, info.Mode().Perm()|0o020) },
		} {
			if err := harm(); err != nil {
				w.t.Fatal(err)
			}
			if r := w.run(stranger, env, "info"); strings.Contains(r.stdout, filepath.Join(w.baked, "pglite", "runtime")) {
				w.t.Errorf("%s, %s: it is used\n%s", name, what, r.stdout)
			}
			if err := errors.Join(os.Chown(name, 0, 0), os.Chmod(name, info.Mode().Perm())); err != nil {
				w.t.Fatal(err)
			}
		}
	}
	if r := w.run(stranger, env, "info"); !strings.Contains(r.stdout, filepath.Join(w.baked, "pglite", "runtime")) {
		w.t.Errorf("it is not used any more\n%s", r.stdout)
	}
}

// noHome runs in environments without a home that can be written. The cache that is made on the way is made once.
func (w *world) noHome() {
	t := w.t
	temp, readOnly := w.mkdir("tmp"), w.mkdir("readonly")
	if err := unix.Mount("none", readOnly, "tmpfs", unix.MS_RDONLY, ""); err != nil {
		t.Logf("SKIPPED: a home on a read-only file system: %v", err)
		readOnly = "/proc"
	} else {
		t.Cleanup(func() { _ = unix.Unmount(readOnly, 0) })
	}
	private := "/tmp/pglite-4711"
	if _, err := os.Lstat(private); errors.Is(err, fs.ErrNotExist) {
		t.Cleanup(func() { _ = os.RemoveAll(private) })
	}
	for name, env := range map[string][]string{
		"nothing but TMPDIR":    {"TMPDIR=" + temp},
		"HOME=/":                {"TMPDIR=" + temp, "HOME=/"},
		"a read-only home":      {"TMPDIR=" + temp, "HOME=" + readOnly},
		"another user's home":   {"TMPDIR=" + temp, "HOME=/root", "XDG_CACHE_HOME=/root/.cache", "XDG_RUNTIME_DIR=/root"},
		"a cache from an image": {"XDG_CACHE_HOME=" + w.baked},
		"TMPDIR is absent":      {"XDG_CACHE_HOME=" + w.baked, "TMPDIR=/no/such/directory"},
	} {
		w.must("1\n", w.run(stranger, env, "-D", "memory:", "exec", "-At", "SELECT 1"))
		r := w.run(stranger, env, "exec", "-At", "SELECT 2")
		w.must("2\n", r)
		if place := filepath.Join("pglite-4711", "data", "pglite", "data"); r.stderr != "" && !strings.Contains(r.stderr, place) {
			t.Errorf("%s: %s", name, r.stderr)
		}
	}
	info, err := os.Stat(filepath.Join(temp, "pglite-4711"))
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the directory among the temporary files: %v, %v", info, err)
	}
}
