//go:build unix

package cmd

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// patience is how long a test waits for what has to happen before it says what it waits for. No test needs that long when all
// is well, on a machine however slow and busy.
const patience = 5 * time.Minute

// eventually waits until a condition holds of which nothing tells.
func eventually(t *testing.T, otherwise string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !holds(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal(otherwise)
		}
	}
}

// place is where a test runs pglite: an environment and a working directory of its own.
type place struct {
	env []string // NAME=VALUE, beside the environment of the tests
	dir string   // "" is the working directory of the tests
}

// with returns the place with more variables in its environment.
func (p place) with(variables ...string) place {
	p.env = slices.Concat(p.env, variables)
	return p
}

// streams returns what pglite is started with there.
func (p place) streams(stdin string, stdout, stderr *bytes.Buffer) Streams {
	s := Streams{In: strings.NewReader(stdin), Out: stdout, Err: stderr, Dir: p.dir}
	if len(p.env) > 0 {
		s.Env = append(os.Environ(), p.env...)
	}
	return s
}

// pglite runs pglite with an empty standard input.
func (p place) pglite(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = run(append([]string{"pglite"}, args...), p.streams("", &out, &errs), production())
	return code, out.String(), errs.String()
}

// must runs pglite, which must not fail, and returns what it prints.
func (p place) must(t *testing.T, args ...string) string {
	t.Helper()
	code, stdout, stderr := p.pglite(t, args...)
	if code != 0 {
		t.Fatalf("pglite %q: exit code %d\n%s", args, code, stderr)
	}
	return stdout
}

// realTempDir returns a directory for the test by its real name, which messages have.
func realTempDir(t *testing.T) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// missing returns the name of a file that is not there.
func missing(t *testing.T) string {
	t.Helper()
	return filepath.Join(t.TempDir(), "missing")
}
