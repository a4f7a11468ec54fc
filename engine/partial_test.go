package engine

import (
	"os"
	"path/filepath"
	"testing"
)

// TestPartialBackups: what a killed backup has left goes with the next one of its name, what another one writes stays.
func TestPartialBackups(t *testing.T) {
	name := filepath.Join(t.TempDir(), "b.tar")
	left, err := newPartial(name)
	if err != nil {
		t.Fatal(err)
	}
	_ = left.Close() // as the end of the process does
	writing, err := newPartial(name)
	if err != nil {
		t.Fatal(err)
	}
	defer writing.Close()
	other := filepath.Join(filepath.Dir(name), ".other.tar.partial-X")
	if err := os.WriteFile(other, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	clearPartials(name)
	if _, err := os.Lstat(left.Name()); err == nil {
		t.Error("what a killed backup has left is still there")
	}
	for _, kept := range []string{writing.Name(), other} {
		if _, err := os.Lstat(kept); err != nil {
			t.Error(err)
		}
	}
}
