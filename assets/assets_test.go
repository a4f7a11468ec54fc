package assets

import (
	"bytes"
	"crypto/sha256"
	"fmt"
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

// contents is an archive in memory.
type contents struct{ *bytes.Reader }

func (contents) Close() error { return nil }

// TestSum: what make has written is the archive's SHA-256, and a sum of another archive is not believed.
func TestSum(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile(ArchiveName)
	if err != nil {
		t.Skip("built without a runtime: make runtime makes it")
	}
	sum := fmt.Sprintf("%x", sha256.Sum256(b))
	if got := Sum(); got != sum && got != "" {
		t.Errorf("the sum is %s, want %s: run scripts/archive-sum", got, sum)
	}
	if _, err := os.Stat(sumName); err == nil && Sum() == "" {
		t.Errorf("%s is not that of the archive: run scripts/archive-sum", sumName)
	}
	text := fmt.Sprintf("%s %d %x\n", sum, len(b), b[len(b)-64:])
	if got := checkedSum(text, contents{bytes.NewReader(b)}); got != sum {
		t.Errorf("the archive's own sum is not believed: %q", got)
	}
	other := bytes.Clone(b)
	other[len(other)-20]++
	for what, archive := range map[string][]byte{"shorter": b[1:], "other": other, "empty": nil} {
		if got := checkedSum(text, contents{bytes.NewReader(archive)}); got != "" {
			t.Errorf("%s: believed %q", what, got)
		}
	}
	for _, text := range []string{"", sum, sum + " 1 zz", fmt.Sprintf("%s %d ", sum, len(b))} {
		if got := checkedSum(text, contents{bytes.NewReader(b)}); got != "" {
			t.Errorf("%q: believed %q", text, got)
		}
	}
}
