//go:build unix

package cmd

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestDeletedWorkingDirectory: programs that are given no relative names work in a directory that has been removed, and
// a relative name says why it does not.
func TestDeletedWorkingDirectory(t *testing.T) {
	t.Parallel()
	needRuntime(t)
	data := freshCluster(t, filepath.Join(t.TempDir(), "data"))
	out := filepath.Join(t.TempDir(), "out.sql")
	for name, test := range map[string]struct {
		args []string
		code int
		want string
	}{
		"exec":          {[]string{"exec", "-A", "-t", "SELECT 6 * 7"}, exitOK, "42"},
		"tool":          {[]string{"tool", "psql", "-XAtc", "SELECT 6 * 7"}, exitOK, "42"},
		"dump":          {[]string{"dump", "--schema-only"}, exitOK, "PostgreSQL database dump complete"},
		"dump to file":  {[]string{"dump", "--schema-only", "-f", out}, exitOK, ""},
		"relative file": {[]string{"dump", "--schema-only", "-f", "x.sql"}, exitFailure, "it may have been removed"},
	} {
		t.Run(name, func(t *testing.T) {
			gone := filepath.Join(t.TempDir(), "gone")
			if err := os.Mkdir(gone, 0o700); err != nil {
				t.Fatal(err)
			}
			script := `cd "$0" && rmdir "$0" && exec pglite -D "$@"`
			c := exec.Command("sh", append([]string{"-c", script, gone, data}, test.args...)...)
			said, err := c.CombinedOutput()
			if c.ProcessState == nil {
				t.Fatal(err)
			}
			if code := c.ProcessState.ExitCode(); code != test.code || !strings.Contains(string(said), test.want) {
				t.Errorf("%d: %s; want %d and %q", code, said, test.code, test.want)
			}
		})
	}
	if b, err := os.ReadFile(out); err != nil || !strings.Contains(string(b), "PostgreSQL database dump") {
		t.Errorf("the dump: %q, %v", b, err)
	}
}
