package cmd

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/pglite-toolbox/pglite/engine"
)

// TestToolPasswordFile: a program gets the password file that --env names and sees it. That of the environment is for other servers.
func TestToolPasswordFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "pgpass")
	p := &program{streams: Streams{Dir: t.TempDir(), Env: []string{"PGPASSFILE=" + filepath.Join(t.TempDir(), "other")}}}
	env := p.toolEnv(clusterConfig{Env: []string{"PGPASSFILE=" + file}})
	if want := []string{"PGDATABASE=", "PGUSER=", "PGPASSFILE=" + file}; !slices.Equal(env, want) {
		t.Errorf("the environment is %q, want %q", env, want)
	}
	tool, err := p.tool("psql", nil, env)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(tool.Mounts, func(m engine.Mount) bool { return m.Host == filepath.Dir(file) }) {
		t.Errorf("the program sees %+v", tool.Mounts)
	}
}
