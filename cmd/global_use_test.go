package cmd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"

	"github.com/pglite-toolbox/pglite/engine"
)

// noticing is a backend that notes what it is asked for, and does nothing.
type noticing struct{ got []clusterConfig }

func (n *noticing) backend() backend {
	noticed := errors.New("noticed")
	note := func(cfg clusterConfig) error {
		cfg.Notice, cfg.Progress = nil, nil
		n.got = append(n.got, cfg)
		return noticed
	}
	return backend{
		open: func(_ context.Context, cfg clusterConfig) (cluster, error) { return nil, note(cfg) },
		initCluster: func(_ context.Context, cfg clusterConfig, _ initHow) (madeCluster, error) {
			return madeCluster{}, note(cfg)
		},
		offline: func(_ context.Context, cfg clusterConfig, _ access, _ engine.Tool) (int, error) { return 0, note(cfg) },
		postgresVersion: func(runtime string) (string, error) {
			return "18", note(clusterConfig{Runtime: runtime})
		},
		tools: func() []string { return nil },
	}
}

// globalValues are values of the global options that no default has.
var globalValues = map[string]string{
	"data": "memory:", "dbname": "other", "username": "other", "runtime": "other", "env": "A=b", "mount": "/:/x", "set": "a=b", "max-memory": "64MB", "no-attach": "", "engine": "wazero",
}

// TestNoGlobalIsDropped gives every command every global option, before and after its name: it reaches what does the work, or is refused.
func TestNoGlobalIsDropped(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir()) // should one be dropped, cache clean runs
	commands := map[string][]string{
		"init": {"--encoding=UTF8"}, "exec": {"SELECT 1"}, "repl": {"-c", "SELECT 1"}, "serve": {"--socket-dir", t.TempDir()},
		"tool": {"psql"}, "dump": {}, "restore": {"-"}, "backup": {"x.tar"}, "hexdump": {"SELECT 1"}, "extension": {"list"},
		"doctor": {}, "info": {}, "cache": {"clean"}, "completion": {"bash"}, "version": {}, "man": {},
	}
	for _, c := range (&program{backend: production()}).app().Commands {
		args, known := commands[c.Name]
		if !known {
			t.Errorf("the test does not know the command %s", c.Name)
		}
		for _, flag := range globalFlags(Streams{}) {
			name := flag.Names()[0]
			value, known := globalValues[name]
			if name == "verbose" || name == "version" {
				continue
			}
			if !known {
				t.Errorf("the test does not know the option --%s", name)
			}
			option := option(flag, value)
			lines := [][]string{slices.Concat([]string{option, c.Name}, args)}
			if c.Name != "dump" && c.Name != "tool" || name == "data" || name == "runtime" { // the rest after the name is the program's
				lines = append(lines, slices.Concat([]string{c.Name, option}, args))
			}
			for _, line := range lines {
				wantUsed(t, c, name, line, slices.Concat([]string{c.Name}, args))
			}
		}
	}
}

// wantUsed runs the line with the option and without: it has to be refused, or to make a difference to what is asked of the backend.
func wantUsed(t *testing.T, c *cli.Command, name string, with, without []string) {
	t.Helper()
	elsewhere := map[string][]string{ // used without the backend; initdb's; the programs' that doctor runs
		"info": {"data", "runtime", "engine"}, "init": {"username", "set"}, "doctor": {"data", "runtime", "env", "mount", "max-memory", "engine"},
	}
	if slices.Contains(elsewhere[c.Name], name) {
		return
	}
	ran := func(args []string) (asked []clusterConfig, stderr string) {
		var n noticing
		var out, errs bytes.Buffer
		code := run(append([]string{"pglite"}, args...), Streams{In: strings.NewReader(""), Out: &out, Err: &errs}, n.backend())
		if len(n.got) == 0 && code != exitFailure {
			return nil, ""
		}
		return n.got, errs.String()
	}
	asked, stderr := ran(with)
	if len(asked) == 0 {
		if !strings.Contains(stderr, "has no use for --"+name+": leave it out\nUsage: ") {
			t.Errorf("%q says %q", with, stderr)
		}
		return
	}
	plain, _ := ran(without)
	if len(plain) == 0 || len(asked) != len(plain) {
		t.Fatalf("%q asks %d times, %q %d times", with, len(asked), without, len(plain))
	}
	if a, b := fmt.Sprintf("%+v", asked[0]), fmt.Sprintf("%+v", plain[0]); a == b {
		t.Errorf("%q is the same as %q: %s", with, without, a)
	}
}

// TestModesUseNoGlobal: what a command does when it is told to do something else has no use for some options.
func TestModesUseNoGlobal(t *testing.T) {
	t.Parallel()
	for line, doing := range map[string]string{
		"--max-memory 64MB init x":                                "init without an option of initdb has no use for --max-memory",
		"init --env A=b x":                                        "init without an option of initdb has no use for --env",
		"-D x init --runtime-only":                                "init --runtime-only has no use for --data",
		"init --no-attach --from a.tar x":                         "init --from has no use for --no-attach",
		"init --encoding=UTF8 -d other x":                         "init has no use for --dbname",
		"init -W --pwfile=x y":                                    "init --pwprompt asks for the password that --pwfile reads: give one of them",
		"-D x hexdump -f file":                                    "hexdump of captured bytes has no use for --data",
		"-U x hexdump -f file":                                    "hexdump of captured bytes has no use for --username",
		"hexdump --replay hexdump.go --uri postgres:// --set a=b": "hexdump of another server has no use for --set",
		"dump --uri postgres:// -D x":                             "dump --uri has no use for --data",
		"--set a=b dump --uri postgres://":                        "dump --uri has no use for --set",
		"restore --uri postgres:// -U x -":                        "restore --uri has no use for --username",
		"--set a=b tool pg_controldata":                           "pg_controldata, which uses no server, has no use for --set",
		"doctor --set a=b":                                        "doctor without --amcheck has no use for --set",
	} {
		var n noticing
		var out, errs bytes.Buffer
		code := run(append([]string{"pglite"}, strings.Fields(line)...), Streams{In: strings.NewReader(""), Out: &out, Err: &errs}, n.backend())
		if code != exitFailure || out.Len() > 0 || len(n.got) > 0 || !strings.HasPrefix(errs.String(), "pglite: "+doing) || !strings.Contains(errs.String(), "\nUsage: pglite ") {
			t.Errorf("%s: exit code %d, %q, %q", line, code, &out, &errs)
		}
	}
}

// TestHelpBesideGlobals: help is given whatever else is on the line.
func TestHelpBesideGlobals(t *testing.T) {
	t.Parallel()
	for _, line := range []string{"-D x cache --help", "completion -h -U x", "-D x --help"} {
		var n noticing
		var out, errs bytes.Buffer
		if code := run(append([]string{"pglite"}, strings.Fields(line)...), Streams{Out: &out, Err: &errs}, n.backend()); code != exitOK || !strings.Contains(out.String(), "USAGE:") {
			t.Errorf("%s: exit code %d, %q, %q", line, code, &out, &errs)
		}
	}
}
