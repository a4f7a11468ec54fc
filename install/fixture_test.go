package install

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sort"
	"strings"
	"testing"
	"time"
)

// testRuntime provides the embedded runtime in the user's cache directory.
func testRuntime(t testing.TB) string {
	t.Helper()
	dir, err := Runtime(t.Context(), RuntimeOptions{Progress: func(s string) { t.Log(s) }})
	if errors.Is(err, ErrNoRuntime) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// wantPrivate checks that files are 0600 and directories 0700 below dir.
func wantPrivate(t *testing.T, dir string) {
	t.Helper()
	wantModes(t, dir, 0o600, 0o700)
}

// wantModes checks the modes of all files and all directories below dir.
func wantModes(t *testing.T, dir string, file, directory fs.FileMode) {
	t.Helper()
	if runtime.GOOS == "windows" {
		return
	}
	seen := 0
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || name == dir {
			return err
		}
		seen++
		info, err := d.Info()
		if err != nil {
			return err
		}
		want := file
		if d.IsDir() {
			want = fs.ModeDir | directory
		}
		if info.Mode() != want {
			t.Errorf("%s has mode %v, want %v", name, info.Mode(), want)
		}
		return nil
	})
	if err != nil || seen == 0 {
		t.Errorf("looked at %d files: %v", seen, err)
	}
}

// snapshot describes all below dir: names, modes, sizes, times of change and contents.
func snapshot(t testing.TB, dir string) string {
	t.Helper()
	var lines []string
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		line := fmt.Sprintf("%s %v %v", name, info.Mode(), info.ModTime())
		if d.Type().IsRegular() {
			b, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			line += fmt.Sprintf(" %d %x", info.Size(), sha256.Sum256(b))
		}
		lines = append(lines, line)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	sort.Strings(lines)
	return strings.Join(lines, "\n")
}

// wantNames checks what a directory has in it.
func wantNames(t *testing.T, dir string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("%s has %q, want %q", dir, got, want)
	}
}

// cancelledInside returns a context that ends as soon as there is a file below dir. stop ends it, and the looking.
func cancelledInside(t *testing.T, dir string) (_ context.Context, stop func()) {
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for ctx.Err() == nil {
			_ = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
				if err == nil && !d.IsDir() {
					cancel()
				}
				return err
			})
			time.Sleep(100 * time.Microsecond)
		}
	}()
	return ctx, func() { cancel(); <-ended }
}
