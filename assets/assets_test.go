package assets

import (
	"bytes"
	"io"
	"os"
	"testing"
)

// TestOpen compares what is built in with what lies in the folder.
func TestOpen(t *testing.T) {
	t.Parallel()
	want, err := os.ReadFile(ArchiveName)
	f, ok := Open()
	if ok != (err == nil) {
		t.Fatalf("an archive is built in: %v; reading it from the folder: %v", ok, err)
	}
	if !ok {
		t.Skip("built without a runtime: make runtime makes it")
	}
	defer f.Close()
	got, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("the archive built in has %d bytes and differs from the file of %d bytes", len(got), len(want))
	}
	if xz := []byte("\xfd7zXZ\x00"); !bytes.HasPrefix(got, xz) {
		t.Errorf("the archive begins with % x, not with the magic bytes of xz", got[:6])
	}
}
