package cmd

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestStreamsEnvironment: of the variables in Env the last one of a name counts, and without Env the process's own do.
func TestStreamsEnvironment(t *testing.T) {
	t.Parallel()
	s := Streams{Env: []string{"A=1", "AB=2", "EMPTY=", "A=3=4"}}
	for name, want := range map[string]string{"A": "3=4", "AB": "2", "EMPTY": ""} {
		if value, set := s.lookupEnv(name); value != want || !set {
			t.Errorf("%s: %q, %v; want %q", name, value, set, want)
		}
	}
	if value, set := s.lookupEnv("PATH"); set || value != "" {
		t.Errorf("a variable that is not in Env: %q", value)
	}
	if got, want := (Streams{}).getenv("PATH"), os.Getenv("PATH"); got != want || want == "" {
		t.Errorf("PATH is %q, want %q", got, want)
	}
}

// TestStreamsDir: relative names start from Dir, and what is none stays.
func TestStreamsDir(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := Streams{Dir: dir}
	for name, want := range map[string]string{"": "", "a/b": filepath.Join(dir, "a", "b"), dir: dir} {
		if got := s.path(name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
	if got := (Streams{}).path("a"); got != "a" {
		t.Errorf("without Dir: %q", got)
	}
}

// TestOptionsFromEnvironment: an option wins over the variable, and the variable over what holds without both. The
// process's own environment does not matter.
func TestOptionsFromEnvironment(t *testing.T) {
	t.Setenv("PGDATABASE", "of the process")
	for _, test := range []struct {
		env  []string
		args []string
		want string
	}{
		{nil, nil, "postgres"},
		{[]string{"PGDATABASE=shop"}, nil, "shop"},
		{[]string{"PGDATABASE=shop"}, []string{"-d", "other"}, "other"},
	} {
		var got clusterConfig
		b := backend{
			tools: func() []string { return nil },
			open: func(_ context.Context, cfg clusterConfig) (cluster, error) {
				got = cfg
				return nil, errors.New("opened")
			},
		}
		var out bytes.Buffer
		s := Streams{In: strings.NewReader(""), Out: &out, Err: &out, Env: append([]string{}, test.env...), Dir: t.TempDir()}
		run(append([]string{"pglite", "-D", "data", "exec", "SELECT 1"}, test.args...), s, b)
		if got.Database != test.want || got.DataDir != filepath.Join(s.Dir, "data") {
			t.Errorf("%q %q: database %q of %q\n%s", test.env, test.args, got.Database, got.DataDir, out.String())
		}
	}
}
