//go:build unix

package cmd

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(cleanly{m}, map[string]func(){
		"pglite": func() { os.Exit(run(os.Args, Standard(), testBackend())) },
	})
}

// cleanly runs the tests in an environment that says nothing about the user's own clusters and servers, and ends the
// native server that they have shared.
type cleanly struct{ *testing.M }

func (m cleanly) Run() int {
	defer native.stop()
	home, err := os.MkdirTemp("", "pglite-home-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(home)
	for _, variable := range os.Environ() {
		name, _, _ := strings.Cut(variable, "=")
		if strings.HasPrefix(name, "PG") && !strings.HasPrefix(name, "PGLITE_TEST_") {
			err = errors.Join(err, os.Unsetenv(name))
		}
	}
	for _, name := range []string{"XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME"} {
		err = errors.Join(err, os.Setenv(name, filepath.Join(home, name)))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.M.Run()
}

// exits runs a command that has to end with the exit code: exits CODE COMMAND [ARGUMENT…].
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND [ARGUMENT…]")
	}
	code := 0
	err := ts.Exec(args[1], args[2:]...)
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		code = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if fmt.Sprint(code) != args[0] {
		ts.Fatalf("exit code %d, want %s", code, args[0])
	}
}

// scripts is where the scripts are.
const scripts = "testdata/script"

// TestScripts runs every script against the engine, each on a cluster of its own. See TestScriptsNative too.
func TestScripts(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("starts the server again for each command")
	}
	if len(embeddedTools()) == 0 {
		t.Skip("no runtime is embedded: make runtime")
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	runScripts(t, func(env *testscript.Env) error {
		env.Setenv("XDG_CACHE_HOME", cache) // holds the runtime, compiled
		env.Setenv("PGDATABASE", "postgres")
		env.Setenv("PGLITE_DATA", filepath.Join(env.WorkDir, "data"))
		_, err := production().initCluster(t.Context(), clusterConfig{DataDir: env.Getenv("PGLITE_DATA")}, initHow{})
		return err
	})
}

// TestScriptsNative runs every script against native PostgreSQL, which tells an error of the command line from one of
// the engine. Each script has a database of its own.
func TestScriptsNative(t *testing.T) {
	t.Parallel()
	server := needNative(t)
	runScripts(t, func(env *testscript.Env) error {
		name := regexp.MustCompile(`[^a-z0-9]`).ReplaceAllString(filepath.Base(env.WorkDir), "_")
		env.Setenv("PGDATABASE", name)
		env.Setenv(nativeSocket, server.socket)
		return server.sql("postgres", "CREATE DATABASE "+name+" TEMPLATE template0") // as others connect to template1
	})
}

func runScripts(t *testing.T, setup func(*testscript.Env) error) {
	if found, _ := filepath.Glob(scripts + "/*.txtar"); len(found) == 0 {
		t.Fatalf("no scripts in %s", scripts)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 scripts,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Cmds:                map[string]func(*testscript.TestScript, bool, []string){"exits": exits},
		UpdateScripts:       os.Getenv("UPDATE_SCRIPTS") != "",
		Setup:               setup,
	})
}
