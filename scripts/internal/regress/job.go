package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/pglite-toolbox/pglite/engine"
)

// run runs the job on a cluster of its own and returns the verdicts, without a verdict on them. What it cannot run, a trap in the
// server and an unclean shutdown are errors.
func (j job) run(ctx context.Context, o options, template string) (r results, err error) {
	output := filepath.Join(o.output, filepath.FromSlash(j.name))
	if err := os.RemoveAll(output); err != nil {
		return r, err
	}
	if err := os.MkdirAll(filepath.Join(output, "results"), 0o700); err != nil {
		return r, err
	}
	file := filepath.Join(output, "schedule")
	if err := os.WriteFile(file, []byte(j.tests.String()), 0o600); err != nil {
		return r, err
	}
	mounts := []engine.Mount{{Host: j.input, Guest: j.input, ReadOnly: true}, {Host: output, Guest: output}}
	s, err := startCluster(ctx, o, template, filepath.Join(output, "postmaster.log"), j.settings, mounts)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, s.stop()) }()
	text, err := j.drive(ctx, o, s.dir, output, file)
	return parseResults(text), err
}

// drive runs the driver to its end and returns what it printed; it is printed at once, too. Failed tests are no error.
func (j job) drive(ctx context.Context, o options, socketDir, output, file string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, o.timeout)
	defer cancel()
	bin := filepath.Join(o.drivers, "bin")
	args := []string{
		"--inputdir=" + j.input, "--outputdir=" + output, "--bindir=" + bin,
		"--host=" + socketDir, "--port=" + port, "--user=postgres", "--schedule=" + file,
	}
	args = append(append(args, driverArgs[j.driver]...), j.args...)
	c := exec.CommandContext(ctx, filepath.Join(bin, j.driver), args...)
	var text bytes.Buffer
	c.Dir, c.Env = j.input, driverEnv(filepath.Join(o.drivers, "lib"))
	c.Stdout, c.Stderr = io.MultiWriter(os.Stdout, &text), os.Stderr
	endWithClients(c)
	err := c.Run()
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return text.String(), fmt.Errorf("%s was stopped: %w", j.driver, ctx.Err())
	case errors.As(err, &exit) && exit.ExitCode() == 1: // tests have failed
		return text.String(), nil
	case err != nil:
		return text.String(), fmt.Errorf("%s: %w", j.driver, err)
	}
	return text.String(), nil
}

// driverEnv is this program's environment without what would change the clients.
func driverEnv(libraries string) []string {
	var env []string
	for _, e := range os.Environ() {
		name, _, _ := strings.Cut(e, "=")
		if !strings.HasPrefix(name, "PG") && !strings.HasPrefix(name, "LC_") && name != "LANG" && name != "LANGUAGE" {
			env = append(env, e)
		}
	}
	return append(env, "LD_LIBRARY_PATH="+libraries)
}

// checkVersions refuses suites of another minor release than the server's.
func checkVersions(o options) error {
	manifest, err := engine.ReadManifest(filepath.Join(o.runtime, "manifest.json"))
	if err != nil {
		return err
	}
	content, err := os.ReadFile(filepath.Join(o.drivers, "version"))
	if err != nil {
		return err
	}
	if have := strings.TrimSpace(string(content)); have != manifest.PostgreSQL {
		return fmt.Errorf("the suites are PostgreSQL %s, the runtime in %s is %s: build the runtime anew", have, o.runtime, manifest.PostgreSQL)
	}
	return nil
}
