package dump

import (
	"strings"
	"testing"

	"github.com/pglite-toolbox/pglite/assets"
)

// TestRunWithoutEnvironment uses the runtime that is built in.
func TestRunWithoutEnvironment(t *testing.T) {
	t.Parallel()
	archive, ok := assets.Open()
	if !ok {
		t.Skip("SKIPPED: no runtime is embedded: make runtime")
	}
	_ = archive.Close()
	out, err := Run(t.Context(), []string{"--version"}, nil)
	if err != nil || !strings.HasPrefix(string(out), "pg_dump (PostgreSQL) 1") {
		t.Errorf("%q, %v", out, err)
	}
}
