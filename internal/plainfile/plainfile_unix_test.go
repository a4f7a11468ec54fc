//go:build unix

package plainfile

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestFIFO would wait for a writer.
func TestFIFO(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := syscall.Mkfifo(filepath.Join(dir, "fifo"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Read(dir, "fifo"); err == nil || !strings.Contains(err.Error(), "no regular file") {
		t.Errorf("error %v", err)
	}
}
