package partial

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// TestSweep: what somebody still makes stays, what nobody makes any more goes with the next of the name.
func TestSweep(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("an open file cannot be removed")
	}
	name := filepath.Join(t.TempDir(), "file")
	left, err := NewFile(name)
	if err != nil {
		t.Fatal(err)
	}
	leftDir, err := NewDir(name)
	if err != nil {
		t.Fatal(err)
	}
	inside := filepath.Join(leftDir.Name, "inside")
	if err := os.WriteFile(inside, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	other, err := NewFile(name + "2")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []*Path{left, leftDir, other} {
		if _, err := os.Stat(p.Name); err != nil {
			t.Errorf("one that is made is gone: %v", err)
		}
	}
	for _, p := range []*Path{left, leftDir, other} {
		_ = p.file.Close() // as when its maker is killed
	}
	next, err := NewFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []*Path{left, leftDir} {
		if _, err := os.Stat(p.Name); !os.IsNotExist(err) {
			t.Errorf("one that nobody makes is still there: %v", err)
		}
	}
	if _, err := os.Stat(other.Name); err != nil {
		t.Errorf("one of another name is gone: %v", err)
	}
	next.Discard()
	if files, _ := os.ReadDir(filepath.Dir(name)); len(files) != 1 {
		t.Errorf("there are %v", files)
	}
}
