package wazero_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pglite-toolbox/pglite/engine/internal/machine/wazero"
)

// encoded is a section of a module.
func encoded(id byte, content string) string { return string([]byte{id, byte(len(content))}) + content }

// (module (memory 1 2) (global (export "__stack_pointer") (mut i32) (i32.const 0)) (func))
var smallModule = []byte("\x00asm\x01\x00\x00\x00" +
	encoded(1, "\x01\x60\x00\x00") + encoded(3, "\x01\x00") + encoded(5, "\x01\x01\x01\x02") +
	encoded(6, "\x01\x7f\x01\x41\x00\x0b") + encoded(7, "\x01\x0f__stack_pointer\x03\x00") + encoded(10, "\x01\x02\x00\x0b"))

// load loads the small module with a cache directory and tells why it was not kept.
func load(t *testing.T, m *wazero.Engine) (unkept error) {
	t.Helper()
	defer m.Close()
	p, err := m.LoadModule(context.Background(), "small", smallModule)
	if err != nil {
		t.Fatalf("an unusable cache is no reason not to run: %v", err)
	}
	return p.Unkept()
}

// entry returns the one file of a cache directory.
func entry(t *testing.T, dir string) string {
	t.Helper()
	files, _ := filepath.Glob(filepath.Join(dir, "*", "*", "*"))
	if len(files) != 1 {
		t.Fatalf("the cache has the files %q, want one", files)
	}
	return files[0]
}

// TestDamagedCacheIsRepaired changes one bit at a time, and more.
func TestDamagedCacheIsRepaired(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	cfg := wazero.Config{CodeDir: dir}
	if err := load(t, wazero.New(cfg)); err != nil {
		t.Fatal(err)
	}
	name := entry(t, dir)
	good, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	damages := [][]byte{{}, good[:20], good[:len(good)-1], slices.Concat(good[:len(good)-30], make([]byte, 30)), hollowCode(t)}
	for i := range good {
		flipped := slices.Clone(good)
		flipped[i] ^= 1 << (i % 8)
		damages = append(damages, flipped)
	}
	for i, damaged := range damages {
		if err := os.WriteFile(name, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := load(t, wazero.New(cfg)); err != nil {
			t.Errorf("%d: not repaired: %v", i, err)
		}
		if again, err := os.ReadFile(entry(t, dir)); err != nil || !slices.Equal(again, good) {
			t.Errorf("%d: the entry is as damaged as before: %v", i, err)
		}
		if left, _ := filepath.Glob(filepath.Join(dir, ".*")); len(left) > 0 {
			t.Errorf("%q is left", left)
		}
	}
}

// hollowCode is what wazero keeps of the small module when it has code for another processor only, and compiles the
// hollow one.
func hollowCode(t *testing.T) []byte {
	t.Helper()
	hollow, err := wazero.Hollow(smallModule)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	m := wazero.New(wazero.Config{CodeDir: dir})
	if err := load(t, m); err != nil {
		t.Fatal(err)
	}
	name := entry(t, dir)
	if err := os.Rename(name, name+"-other"); err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	if _, err := m.LoadHollow(context.Background(), "small", hollow); !errors.Is(err, wazero.ErrNoCode) {
		t.Fatalf("the hollow module was taken for the whole one: %v", err)
	}
	code, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return code
}

// TestCodeForAnotherProcessor stays when this one's is added.
func TestCodeForAnotherProcessor(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	m := wazero.New(wazero.Config{CodeDir: dir})
	if err := load(t, m); err != nil {
		t.Fatal(err)
	}
	name := entry(t, dir)
	if err := os.Rename(name, name+"-other"); err != nil {
		t.Fatal(err)
	}
	if err := load(t, m); err != nil {
		t.Fatal(err)
	}
	one, err := os.ReadFile(name)
	other, err2 := os.ReadFile(name + "-other")
	if err := errors.Join(err, err2); err != nil || !slices.Equal(one, other) {
		t.Errorf("the two differ, %v", err)
	}
}

// TestNothingIsCompiledInVain: what compiling does not mend is an error, and the code of the cache stays as it is.
func TestNothingIsCompiledInVain(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	m := wazero.New(wazero.Config{CodeDir: dir})
	defer m.Close()
	ctx := context.Background()
	noStack := bytes.Replace(smallModule, []byte("__stack_pointer"), []byte("__other_pointer"), 1)
	if _, err := m.LoadModule(ctx, "small", noStack); err != nil {
		t.Fatal(err)
	}
	before, err := os.Stat(entry(t, dir))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.LoadModule(ctx, "small", noStack); err == nil || !strings.Contains(err.Error(), "not one of this runtime's") {
		t.Errorf("a program that has no instances: got %v", err)
	}
	if after, err := os.Stat(entry(t, dir)); err != nil || !os.SameFile(before, after) {
		t.Errorf("its code was compiled again, %v", err)
	}
	dir = t.TempDir()
	m = wazero.New(wazero.Config{CodeDir: dir})
	if _, err := m.LoadModule(ctx, "telepath", unknownImport); err == nil || !strings.Contains(err.Error(), "unknown import pglite.telepathy") {
		t.Errorf("an import that nobody knows: got %v", err)
	}
	if made, err := os.ReadDir(dir); err != nil || len(made) != 0 {
		t.Errorf("it was compiled: the cache has %v, %v", made, err)
	}
}

// TestHollowHasTheCode: what was compiled once is loaded without the module's code, by another machine too.
func TestHollowHasTheCode(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	hollow, err := wazero.Hollow(smallModule)
	if err != nil {
		t.Fatal(err)
	}
	if err := load(t, wazero.New(wazero.Config{CodeDir: dir})); err != nil {
		t.Fatal(err)
	}
	m := wazero.New(wazero.Config{CodeDir: dir, MaxMemory: 1}) // which is for processes to notice
	defer m.Close()
	if _, err := m.LoadHollow(context.Background(), "small", hollow); err != nil {
		t.Error(err)
	}
	other, err := wazero.Hollow(slices.Concat(smallModule, []byte(encoded(0, "\x05other"))))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.LoadHollow(context.Background(), "small", other); err == nil {
		t.Error("another module's code was found")
	}
}

// TestKilledCompilation: what a killed program has left in the cache goes, what a running one makes stays.
func TestKilledCompilation(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{".new-old", ".new-young"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	past := time.Now().Add(-2 * time.Hour)
	if err := os.Chtimes(filepath.Join(dir, ".new-old"), past, past); err != nil {
		t.Fatal(err)
	}
	if err := load(t, wazero.New(wazero.Config{CodeDir: dir})); err != nil {
		t.Fatal(err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".new-*")); !slices.Equal(left, []string{filepath.Join(dir, ".new-young")}) {
		t.Errorf("left are %q", left)
	}
}

func TestUnusableCache(t *testing.T) {
	t.Parallel()
	// versions makes the cache, and returns the directory in it that wazero makes for its version, which is empty.
	versions := func(dir string) string {
		if err := load(t, wazero.New(wazero.Config{CodeDir: dir})); err != nil {
			t.Fatal(err)
		}
		name := entry(t, dir)
		if err := os.Remove(name); err != nil {
			t.Fatal(err)
		}
		return filepath.Dir(name)
	}
	for name, spoil := range map[string]func(dir string) *wazero.Engine{
		"cannot be opened": func(dir string) *wazero.Engine {
			name := filepath.Join(dir, "file")
			if err := os.WriteFile(name, nil, 0o600); err != nil {
				t.Fatal(err)
			}
			return wazero.New(wazero.Config{CodeDir: name})
		},
		"has a directory in the place of the code": func(dir string) *wazero.Engine {
			m := wazero.New(wazero.Config{CodeDir: dir})
			if err := load(t, m); err != nil {
				t.Fatal(err)
			}
			name := entry(t, dir)
			if err := errors.Join(os.Remove(name), os.MkdirAll(filepath.Join(name, "full"), 0o700)); err != nil {
				t.Fatal(err)
			}
			return m
		},
		"cannot be read or written": func(dir string) *wazero.Engine {
			m := wazero.New(wazero.Config{CodeDir: dir})
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
	t.Parallel()
	dir, past := t.TempDir(), time.Unix(1e9, 0)
	m := wazero.New(wazero.Config{CodeDir: dir})
	defer m.Close()
	if err := os.Chtimes(dir, past, past); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := m.LoadModule(ctx, "small", smallModule); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
	if info, err := os.Stat(dir); err != nil || !info.ModTime().Equal(past) {
		t.Errorf("something was made in the cache: %v", err)
	}
}
