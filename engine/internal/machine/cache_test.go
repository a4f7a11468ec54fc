package machine_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/pglite-toolbox/pglite/engine/internal/machine"
)

// (module (memory 1 2) (func))
var smallModule = []byte("\x00asm\x01\x00\x00\x00" +
	"\x01\x04\x01\x60\x00\x00" + "\x03\x02\x01\x00" + "\x05\x04\x01\x01\x01\x02" + "\x0a\x04\x01\x02\x00\x0b")

// load loads the small module with a cache directory and tells why it was not kept.
func load(t *testing.T, m *machine.Machine) (unkept error) {
	t.Helper()
	defer m.Close()
	p, err := m.Load(context.Background(), "small", smallModule)
	if err != nil {
		t.Fatalf("an unusable cache is no reason not to run: %v", err)
	}
	return p.Unkept()
}

// entry returns the one file of a cache directory.
func entry(t *testing.T, dir string) string {
	t.Helper()
	files, _ := filepath.Glob(filepath.Join(dir, "*", "*"))
	if len(files) != 1 {
		t.Fatalf("the cache has the files %q, want one", files)
	}
	return files[0]
}

func TestDamagedCacheIsRepaired(t *testing.T) {
	dir := t.TempDir()
	cfg := machine.Config{CacheDir: dir}
	if err := load(t, machine.New(cfg)); err != nil {
		t.Fatal(err)
	}
	name := entry(t, dir)
	good, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for _, damaged := range [][]byte{{}, good[:20], slices.Concat(good[:len(good)-30], make([]byte, 30))} {
		if err := os.WriteFile(name, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := load(t, machine.New(cfg)); err != nil {
			t.Errorf("not repaired: %v", err)
		}
		if again, err := os.ReadFile(entry(t, dir)); err != nil || !slices.Equal(again, good) {
			t.Errorf("the entry is as damaged as before: %v", err)
		}
		if left, _ := filepath.Glob(filepath.Join(dir, ".*")); len(left) > 0 {
			t.Errorf("%q is left", left)
		}
	}
}

func TestUnusableCache(t *testing.T) {
	versions := func(dir string) string { // the directory that wazero makes for its version
		found, _ := filepath.Glob(filepath.Join(dir, "*"))
		if len(found) != 1 {
			t.Fatalf("found %q in a new cache", found)
		}
		return found[0]
	}
	for name, spoil := range map[string]func(dir string) *machine.Machine{
		"cannot be opened": func(dir string) *machine.Machine {
			name := filepath.Join(dir, "file")
			if err := os.WriteFile(name, nil, 0o600); err != nil {
				t.Fatal(err)
			}
			return machine.New(machine.Config{CacheDir: name})
		},
		"cannot be written": func(dir string) *machine.Machine {
			m := machine.New(machine.Config{CacheDir: dir})
			if err := os.Remove(versions(dir)); err != nil {
				t.Fatal(err)
			}
			return m
		},
		"cannot be read or written": func(dir string) *machine.Machine {
			m := machine.New(machine.Config{CacheDir: dir})
			at := versions(dir)
			if err := os.Remove(at); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(at, nil, 0o600); err != nil {
				t.Fatal(err)
			}
			return m
		},
	} {
		t.Run(name, func(t *testing.T) {
			if load(t, spoil(t.TempDir())) == nil {
				t.Error("nobody is told that nothing was kept")
			}
		})
	}
}

// Nobody repairs the cache because somebody has lost interest.
func TestCancelledContextTouchesNoCache(t *testing.T) {
	dir, past := t.TempDir(), time.Unix(1e9, 0)
	m := machine.New(machine.Config{CacheDir: dir})
	defer m.Close()
	if err := os.Chtimes(dir, past, past); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := m.Load(ctx, "small", smallModule); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
	if info, err := os.Stat(dir); err != nil || !info.ModTime().Equal(past) {
		t.Errorf("something was made in the cache: %v", err)
	}
}
