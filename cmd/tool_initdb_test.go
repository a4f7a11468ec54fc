//go:build unix

package cmd

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestInitdbData(t *testing.T) {
	for args, want := range map[string]string{
		"": "", "-D d": "d", "-Dd": "d", "--pgdata=d": "d", "--pgdata d": "d", "d": "d", "-U u d": "d", "d -U u": "d", "--username u": "", "--no-sync d": "d", "-kD d": "d", "-kN d": "d",
		"-k -- d": "d", "--wal-segsize=1 d": "d", "--set a=b -D d x": "d", "-A trust --show": "", "-UD d": "d",
	} {
		if got := initdbData(strings.Fields(args)); got != want {
			t.Errorf("initdb %s: %q, want %q", args, got, want)
		}
	}
}

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
