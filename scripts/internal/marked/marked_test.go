package marked

import (
	"os"
	"path/filepath"
	"testing"
)

func TestReplace(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "page.md")
	page := func(text string) string {
		return "before\n<!-- begin of what scripts/x writes -->\n" + text + "<!-- end of what scripts/x writes -->\nafter\n"
	}
	if err := os.WriteFile(file, []byte(page("old\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Replace(file, "scripts/x", "new\n"); err != nil {
		t.Fatal(err)
	}
	if err := Replace(file, "scripts/y", "none of ours\n"); err == nil {
		t.Error("no error without markers")
	}
	if b, _ := os.ReadFile(file); string(b) != page("new\n") {
		t.Errorf("got %q", b)
	}
	if err := Replace(file+"x", "scripts/x", ""); err == nil {
		t.Error("no error without a file")
	}
}
