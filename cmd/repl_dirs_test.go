package cmd

import (
	"path/filepath"
	"runtime"
	"testing"
)

// TestRelativeDirs: a relative path in an XDG variable counts as none.
func TestRelativeDirs(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	s := Streams{Env: []string{"HOME=" + home, "XDG_CONFIG_HOME=relative", "XDG_STATE_HOME=relative"}}
	for name, dir := range map[string]func() (string, error){"configuration": s.configDir, "state": s.stateDir} {
		if got, err := dir(); err != nil || !filepath.IsAbs(got) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	if got, _ := s.configDir(); runtime.GOOS != "windows" && got != filepath.Join(home, ".config") {
		t.Errorf("configuration: %q", got)
	}
}
