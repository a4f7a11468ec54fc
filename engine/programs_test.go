package engine_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/internal/enginetest"
)

// runWithCache runs a small program with a cache directory and returns what it was told meanwhile.
func runWithCache(t *testing.T, cfg engine.Config) (told string) {
	t.Helper()
	var mu sync.Mutex
	cfg.Runtime, cfg.Engine = enginetest.Runtime(t), engine.EngineWazero
	cfg.Progress = func(s string) {
		mu.Lock()
		defer mu.Unlock()
		told += s + "\n"
	}
	var out bytes.Buffer
	tool := engine.Tool{Name: "pg_archivecleanup", Args: []string{"--version"}, Stdout: &out}
	code, err := engine.RunTool(context.Background(), cfg, tool)
	if err != nil || code != 0 || !strings.Contains(out.String(), "PostgreSQL") {
		t.Fatalf("exit code %d, %v: %s", code, err, &out)
	}
	mu.Lock()
	defer mu.Unlock()
	return told
}

// TestUnusableCacheIsToldAndNoError: a full or read-only home must not keep a cluster in memory from running.
func TestUnusableCacheIsToldAndNoError(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if told := runWithCache(t, engine.Config{CacheDir: filepath.Join(file, "cache")}); !strings.Contains(told, "nothing compiled is kept") {
		t.Errorf("a cache that cannot be made: told %q", told)
	}
	dir := t.TempDir()
	if told := runWithCache(t, engine.Config{CacheDir: dir}); strings.Contains(told, "kept") {
		t.Errorf("a good cache: told %q", told)
	}
	entries, err := filepath.Glob(filepath.Join(dir, "code", "[^.]*"))
	if err != nil || len(entries) != 1 {
		t.Fatalf("the cache holds %q, %v", entries, err)
	}
	if err := os.RemoveAll(entries[0]); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(entries[0], nil, 0o600); err != nil {
		t.Fatal(err)
	}
	// Another ceiling, so that nothing loaded above is used.
	if told := runWithCache(t, engine.Config{CacheDir: dir, MaxMemory: 1 << 30}); !strings.Contains(told, "is not kept") {
		t.Errorf("a cache without room for code: told %q", told)
	}
}

// TestCacheOfGroup: a named cache directory that a group may write to keeps code, as it keeps runtimes; one that all
// may write to does not.
func TestCacheOfGroup(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has access control lists instead of modes")
	}
	for mode, keeps := range map[os.FileMode]bool{0o775: true, 0o777: false} {
		dir := filepath.Join(t.TempDir(), "cache")
		if err := errors.Join(os.Mkdir(dir, 0o700), os.Chmod(dir, mode)); err != nil {
			t.Fatal(err)
		}
		told := runWithCache(t, engine.Config{CacheDir: dir})
		kept, _ := filepath.Glob(filepath.Join(dir, "code", "[^.]*"))
		if (len(kept) > 0) != keeps || strings.Contains(told, "nothing compiled is kept") == keeps {
			t.Errorf("mode %v: code %q, told %q", mode, kept, told)
		}
	}
}
