package engine

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestCheckClusterShowsNoOtherFile: the error about a version must not print what a stranger's link leads to.
func TestCheckClusterShowsNoOtherFile(t *testing.T) {
	t.Parallel()
	runtime, outside := t.TempDir(), t.TempDir()
	write := func(dir, name, content string) string {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	write(runtime, "manifest.json", `{"format": 1, "postgresql": "18.6"}`)
	secret := write(outside, "secret", "a secret")
	for name, makeVersion := range map[string]func(dir string) error{
		"content": func(dir string) error { write(dir, "PG_VERSION", "a secret"); return nil },
		"link":    func(dir string) error { return os.Symlink(secret, filepath.Join(dir, "PG_VERSION")) },
	} {
		dir := t.TempDir()
		if err := makeVersion(dir); err != nil {
			t.Logf("SKIPPED: %s: %v", name, err)
			continue
		}
		if err := CheckCluster(dir, runtime); err == nil || strings.Contains(err.Error(), "a secret") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
