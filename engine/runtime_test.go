package engine

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/pglite-toolbox/pglite/assets"
)

// TestOpenFindsTheRuntime: of a Config only the data directory has to be set.
func TestOpenFindsTheRuntime(t *testing.T) {
	t.Parallel()
	archive, embedded := assets.Open()
	if !embedded {
		t.Skip("SKIPPED: no runtime is built in: make runtime")
	}
	_ = archive.Close()
	db, err := Open(t.Context(), Config{DataDir: Memory, Settings: map[string]string{"fsync": "off"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
}

// TestOpenErrors: a program tests what kind of error it is, and does not read its text.
func TestOpenErrors(t *testing.T) {
	t.Parallel()
	if _, err := Open(t.Context(), Config{}); !errors.Is(err, ErrNoDataDir) {
		t.Errorf("no directory: %v", err)
	}
	runtime := t.TempDir()
	missing := filepath.Join(t.TempDir(), "missing")
	if _, err := Open(t.Context(), Config{DataDir: missing, Runtime: runtime}); !errors.Is(err, fs.ErrNotExist) || !errors.Is(err, ErrNotCluster) {
		t.Errorf("a missing directory: %v", err)
	}
}

// TestCheckRuntime: a runtime that wants more of its host than there is does not fit, and neither does what is none.
func TestCheckRuntime(t *testing.T) {
	t.Parallel()
	if err := CheckRuntime(t.TempDir()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("an empty directory: %v", err)
	}
	for name, test := range map[string]struct {
		module string
		fits   bool
	}{
		"no module":     {"wasm", false},
		"no imports":    {"\x00asm\x01\x00\x00\x00", true},
		"a host call":   {"\x00asm\x01\x00\x00\x00\x01\x04\x01\x60\x00\x00\x02\x10\x01\x06pglite\x05fork_\x00\x00", false},
		"cut in a name": {"\x00asm\x01\x00\x00\x00\x02\x10\x01\x06pg", false},
	} {
		dir := t.TempDir()
		if err := os.Mkdir(filepath.Join(dir, "bin"), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "bin", "postgres.wasm"), []byte(test.module), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := CheckRuntime(dir); (err == nil) != test.fits {
			t.Errorf("%s: %v", name, err)
		}
	}
}
