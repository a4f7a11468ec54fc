//go:build unix

package engine

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestOwnership: to be somebody else is enough, no file has to be another's.
func TestOwnership(t *testing.T) {
	dir := fakeCluster(t)
	if err := os.WriteFile(filepath.Join(dir, "PG_VERSION"), []byte("18\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	runtime := t.TempDir()
	if err := os.WriteFile(filepath.Join(runtime, "manifest.json"), []byte(`{"format": 1, "postgresql": "18.6"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(CheckOwnership(dir), CheckOwnership(filepath.Join(dir, "absent")), CheckCluster(dir, runtime)); err != nil {
		t.Fatal(err)
	}
	const somebody = 1<<31 - 3
	me := userName(os.Geteuid())
	effectiveUser = func() int { return somebody }
	defer func() { effectiveUser = os.Geteuid }()
	cfg := Config{DataDir: dir, Runtime: runtime}
	_, opened := Open(context.Background(), cfg)
	_, offline := RunTool(context.Background(), cfg, Tool{Name: "pg_resetwal"})
	for what, err := range map[string]error{
		"CheckOwnership": CheckOwnership(dir), "CheckCluster": CheckCluster(dir, runtime), "Open": opened, "RunTool": offline,
		"InitDB": InitDB(context.Background(), cfg, nil),
	} {
		var other *OwnershipError
		if !errors.As(err, &other) || other.Owner != me || other.User != "#2147483645" || !strings.Contains(err.Error(), "the user "+me) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := os.Lstat(filepath.Join(dir, lockName)); err == nil {
		t.Error("left a lock's file")
	}
}
