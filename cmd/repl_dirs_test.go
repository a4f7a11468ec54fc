package cmd

import (
	"path/filepath"
	"runtime"
	"testing"
)

// TestRelativeDirs: a relative path in an XDG variable counts as none.
func TestRelativeDirs(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("XDG_CONFIG_HOME", "relative")
	t.Setenv("XDG_STATE_HOME", "relative")
	for name, dir := range map[string]func() (string, error){"configuration": configDir, "state": stateDir} {
		if got, err := dir(); err != nil || !filepath.IsAbs(got) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	if got, _ := configDir(); runtime.GOOS != "windows" && got != filepath.Join(home, ".config") {
		t.Errorf("configuration: %q", got)
	}
}
