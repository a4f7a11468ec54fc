//go:build unix

package cmd

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestToolInitdb makes clusters with initdb itself, by the ways in which it is told where.
func TestToolInitdb(t *testing.T) {
	needRuntime(t)
	if testing.Short() {
		t.Skip("runs initdb")
	}
	dir := t.TempDir()
	t.Chdir(dir)
	absolute := filepath.Join(dir, "absolute")
	must(t, "tool", "initdb", "-D", absolute, "--no-sync", "-U", "me")
	if got := must(t, "-D", absolute, "-U", "me", "exec", "-At", "-c", "SELECT current_user"); got != "me\n" {
		t.Errorf("got %q", got)
	}
	must(t, "tool", "initdb", "--no-sync", "relative")
	must(t, "-D", "relative", "doctor")
	code, _, stderr := pglite(t, "tool", "initdb")
	if code != exitFailure || !strings.Contains(stderr, "no data directory specified") {
		t.Errorf("without a directory: %d, %q", code, stderr)
	}
}
