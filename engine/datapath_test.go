package engine

import (
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// TestDataPath: the guest sees its data directory where the host has it, unless something stands in the way.
func TestDataPath(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("SKIPPED: paths of Windows are none of the guest's")
	}
	for dir, want := range map[string]string{
		"/home/joe/db":  "/home/joe/db",
		"/home/joe/db/": "/home/joe/db",
		"/tmp/x y":      "/tmp/x y",
		"":              guestData,
		Memory:          guestData,
		"/":             guestData,
		"/tmp":          guestData,
		"/pg/db":        guestData,
		"/pgdata":       guestData,
		"/dev/shm/db":   guestData,
		"/a\nb":         guestData,
		"/a\xff":        guestData,
		"/" + strings.Repeat("x", longestDataPath): guestData,
	} {
		if got := dataPath(dir); got != want {
			t.Errorf("dataPath(%q) = %q, want %q", dir, got, want)
		}
	}
	here, err := filepath.Abs("db")
	if err != nil {
		t.Fatal(err)
	}
	if got := dataPath("db"); got != here {
		t.Errorf("a relative name: %q, want %q", got, here)
	}
}
