//go:build unix

package cmd

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/pglite-toolbox/pglite/install"
	"github.com/pglite-toolbox/pglite/internal/enginetest"
)

// examplesOf returns the command lines under "Examples:" in a help text, without the remarks that follow some of them.
func examplesOf(help string) (lines []string) {
	_, examples, _ := strings.Cut(help, "Examples:\n")
	remark := regexp.MustCompile(`\s{2,}\S.*$`)
	for line := range strings.Lines(examples) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, remark.ReplaceAllString(line, ""))
		}
	}
	return lines
}

// TestExamples runs each example of each help text, in a directory that has the files that the examples name.
func TestExamples(t *testing.T) {
	t.Parallel()
	needRuntime(t)
	if testing.Short() {
		t.Skip("starts the server again for each example")
	}
	e := newExampleRun(t)
	app := (&program{backend: production()}).app()
	help := map[string]string{"pglite": app.Description}
	for _, c := range app.Commands {
		if !c.Hidden {
			help[c.Name] = c.Description
		}
	}
	for command, text := range help {
		t.Run(command, func(t *testing.T) {
			t.Parallel()
			e.another(t).runAll(t, command, text)
		})
	}
}

// exampleRun is the user who tries the examples: a home with a default cluster.
type exampleRun struct {
	home, bin, runtime string
	env                []string
}

func newExampleRun(t *testing.T) *exampleRun {
	t.Helper()
	e := &exampleRun{home: t.TempDir(), bin: t.TempDir()}
	build := exec.Command("go", "build", "-o", filepath.Join(e.bin, "pglite"), "..")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	var err error
	if e.runtime, err = install.ProvideRuntime(t.Context(), install.RuntimeOptions{}); err != nil {
		t.Fatal(err)
	}
	e.setEnv(t)
	for _, dir := range []string{".local/share/bash-completion/completions", ".config/fish/completions", "functions"} {
		mkdir(t, e.home, dir)
	}
	e.must(t, e.home, `pglite exec "CREATE TABLE people (id int PRIMARY KEY, name text)" "INSERT INTO people VALUES (42, 'Ada')"`)
	e.must(t, e.home, "pglite init ./data && tar -cJf backup.tar.xz -C data . && rm -r data")
	e.must(t, e.home, `pglite exec "CREATE DATABASE shop" && pglite -d shop exec "CREATE TABLE orders (id int PRIMARY KEY)" "INSERT INTO orders VALUES (1)"`)
	e.must(t, e.home, `mkdir dumps && cd dumps && pglite dump -Fc -f shop.dump shop && pglite dump -Fd -f shop.dir shop && pglite dump -f all.sql shop &&
		pglite exec --record session.cap "SELECT 1" && pglite backup shop.tar.xz`)
	return e
}

// setEnv is the environment of the user.
func (e *exampleRun) setEnv(t *testing.T) {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	e.env = append(os.Environ(), "PATH="+e.bin+":"+os.Getenv("PATH"), "HOME="+e.home, "XDG_DATA_HOME="+e.home+"/.local/share",
		"XDG_STATE_HOME=", "XDG_CONFIG_HOME=",
		"XDG_CACHE_HOME="+cache, "PGLITE_DATA=", "TMPDIR="+e.home, "PROFILE="+e.home+"/profile", "GOFLAGS=-mod=mod", "GOCACHE="+filepath.Join(cache, "go-build"))
}

// another returns a user of the same machine who has the same in a home of their own.
func (e *exampleRun) another(t *testing.T) *exampleRun {
	t.Helper()
	other := &exampleRun{home: t.TempDir(), bin: e.bin, runtime: e.runtime}
	e.must(t, other.home, "cp -R "+e.home+"/. .")
	other.setEnv(t)
	return other
}

// directory makes a working directory with the files that examples name.
func (e *exampleRun) directory(t *testing.T, command, line string) string {
	t.Helper()
	dir := t.TempDir()
	write(t, "CREATE TABLE IF NOT EXISTS made_by_script (a int);\n", dir, "schema.sql")
	write(t, "INSERT INTO made_by_script VALUES (1);\n", dir, "data.sql")
	write(t, "SELECT 1;\n", dir, "script.sql")
	write(t, "secret\n", dir, "secret.txt")
	mkdir(t, dir, "seed.d")
	write(t, "SELECT 1;\n", dir, "seed.d", "1.sql")
	write(t, "7,Grace\n", dir, "people.csv")
	write(t, "module example\n\ngo 1.24\n", dir, "go.mod")
	write(t, "package example\n", dir, "example.go")
	e.must(t, dir, "cp "+e.home+"/backup.tar.xz . && echo 'SELECT 1;' | gzip > dump.sql.gz")
	for name, to := range map[string]string{"pglite": filepath.Join(e.bin, "pglite"), "runtime": e.runtime} {
		if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	switch command {
	case "init":
	case "repl", "dump", "restore", "backup", "hexdump", "extension":
		e.must(t, dir, `pglite init ./data && pglite -D ./data exec "CREATE DATABASE shop"`)
	default:
		e.must(t, dir, "pglite init ./data")
	}
	switch command {
	case "restore", "hexdump":
		e.must(t, dir, "cp -r "+e.home+"/dumps/. . && rm shop.tar.xz")
	case "backup":
		if strings.Contains(line, "--from") {
			e.must(t, dir, "cp "+e.home+"/dumps/shop.tar.xz .")
		}
	}
	return dir
}

// bash returns a shell that runs the line, with what interactive shells set.
func (e *exampleRun) bash(ctx context.Context, dir, line string) *exec.Cmd {
	c := exec.CommandContext(ctx, "bash", "-c", "fpath=([1]="+e.home+"/functions); set -o pipefail; "+line)
	c.Dir, c.Env, c.WaitDelay = dir, e.env, 10*time.Second
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	c.Cancel = func() error { return syscall.Kill(-c.Process.Pid, syscall.SIGKILL) }
	return c
}

func (e *exampleRun) must(t *testing.T, dir, line string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if out, err := e.bash(ctx, dir, line).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", line, err, out)
	}
}

func (e *exampleRun) runAll(t *testing.T, command, help string) {
	lines := examplesOf(help)
	if len(lines) == 0 {
		t.Errorf("the help of %s has no examples", command)
	}
	for _, line := range lines {
		t.Run(line, func(t *testing.T) {
			for _, elsewhere := range []string{"db.example.org", "ssh ", "nc "} {
				if strings.Contains(line, elsewhere) {
					t.Skipf("needs another machine (%s)", elsewhere)
				}
			}
			e := *e
			if line == "pglite cache clean" {
				e.env = append(slices.Clone(e.env), "XDG_CACHE_HOME="+t.TempDir())
			}
			dir := e.directory(t, command, line)
			line := e.ownSockets(line)
			if strings.Contains(line, " serve") && !strings.Contains(line, " -- ") {
				e.runServer(t, dir, line)
				return
			}
			e.must(t, dir, line)
		})
	}
}

// ownSockets has an example's server listen where no other server of this machine does.
func (e *exampleRun) ownSockets(line string) string {
	line = strings.Replace(line, " serve", " serve --socket-dir "+e.home, 1)
	return strings.Replace(line, "--tcp 5432", "--tcp 0", 1)
}

// runServer runs an example that goes on until it is interrupted.
func (e *exampleRun) runServer(t *testing.T, dir, line string) {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	c := e.bash(ctx, dir, "exec "+line)
	var log enginetest.Buffer
	c.Stdout, c.Stderr = &log, &log
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- c.Wait() }()
	for !strings.Contains(log.String(), "pglite: ready") { // what PostgreSQL calls ready is before that
		select {
		case err := <-ended:
			t.Fatalf("it ended before it was ready: %v\n%s", err, log.String())
		case <-time.After(20 * time.Millisecond):
		}
	}
	_ = c.Process.Signal(syscall.SIGINT)
	if err := <-ended; err != nil {
		t.Errorf("%v\n%s", err, log.String())
	}
}

// TestExamplesOf reads a help text.
func TestExamplesOf(t *testing.T) {
	t.Parallel()
	got := examplesOf("Text.\n\nExamples:\n   pglite init                    a remark\n   pglite exec \"SELECT 1\"\n")
	if want := "pglite init|pglite exec \"SELECT 1\""; strings.Join(got, "|") != want {
		t.Errorf("got %q", got)
	}
	if got := examplesOf("none"); got != nil {
		t.Errorf("got %q", got)
	}
}
