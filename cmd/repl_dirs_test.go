package cmd

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// TestRelativeDirs: a relative path in an XDG variable counts as none.
func TestRelativeDirs(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("other variables")
	}
	home := t.TempDir()
	s := Streams{Env: []string{"HOME=" + home, "XDG_CONFIG_HOME=relative", "XDG_STATE_HOME=relative"}}
	for name, got := range map[string]string{"start file": s.replrc(), "history": s.historyFile()} {
		if !filepath.IsAbs(got) {
			t.Errorf("%s: %q", name, got)
		}
	}
	if got := s.replrc(); got != filepath.Join(home, ".config", "pglite", "replrc") {
		t.Errorf("start file: %q", got)
	}
}

// TestReplrcOfUser: an XDG_CONFIG_HOME without a start file does not hide the one that the home has.
func TestReplrcOfUser(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("other variables")
	}
	home := t.TempDir()
	s := Streams{Env: []string{"HOME=" + home, "XDG_CONFIG_HOME=" + t.TempDir()}}
	want := filepath.Join(home, ".config", "pglite", "replrc")
	if err := os.MkdirAll(filepath.Dir(want), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(want, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if got := s.replrc(); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
