package engine_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/internal/enginetest"
)

// buildHost builds a program that uses the engine as a library, or skips the test where there is no machine code to run in it.
func buildHost(t *testing.T, cgo string, flags ...string) (file string) {
	t.Helper()
	info, err := engine.DescribeEngine(engine.Config{Runtime: enginetest.Runtime(t), Engine: engine.EngineAuto})
	if err != nil {
		t.Fatal(err)
	}
	if info.Name != engine.EngineNative {
		t.Skipf("SKIPPED, NOTHING WAS TESTED: here runs %s: %s", info.Name, info.Reason)
	}
	if _, err := exec.LookPath("gcc"); err != nil && cgo == "1" {
		t.Skip("SKIPPED, NOTHING WAS TESTED: cgo wants a C compiler")
	}
	file = filepath.Join(t.TempDir(), "hostprogram")
	ctx, cancel := context.WithTimeout(t.Context(), 2*enginetest.Patience)
	defer cancel()
	build := exec.CommandContext(ctx, "go", append(append([]string{"build", "-o", file}, flags...), "./testdata/hostprogram")...)
	build.Env = append(os.Environ(), "CGO_ENABLED="+cgo)
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return file
}

// runHost runs it, with the engine that is the default.
func runHost(t *testing.T, file string, args ...string) (out string, err error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*enginetest.Patience)
	defer cancel()
	c := exec.CommandContext(ctx, file, args...)
	c.Env = append(os.Environ(), "PGLITE_ENGINE=")
	b, err := c.CombinedOutput()
	t.Logf("%s", b)
	return string(b), err
}

// TestHostPrograms runs a program that uses the engine as a library, while signals, collections, children, faults of Go and threads of C go
// on around it: without cgo, with it, and with the race detector.
func TestHostPrograms(t *testing.T) {
	t.Parallel()
	for name, variant := range map[string]struct {
		cgo   string
		flags []string
	}{
		"without cgo": {"0", nil},
		"with cgo":    {"1", nil},
		"race":        {"1", []string{"-race"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, err := runHost(t, buildHost(t, variant.cgo, variant.flags...), enginetest.Runtime(t))
			if want := 6; err != nil || strings.Count(out, "\nok ") != want || !strings.HasPrefix(out, "engine native") {
				t.Errorf("%v, want %d things that go well", err, want)
			}
		})
	}
}

// TestChoiceOfEngine runs the program where machine code can run only in another way, and where it cannot.
func TestChoiceOfEngine(t *testing.T) {
	t.Parallel()
	file, directory := buildHost(t, "0"), enginetest.Runtime(t)
	want := func(t *testing.T, prefix, out string, err error) {
		t.Helper()
		if err != nil || !strings.HasPrefix(out, prefix) {
			t.Errorf("%v, want %q", err, prefix)
		}
	}
	t.Run("small address space", func(t *testing.T) {
		t.Parallel()
		out, err := runHost(t, "/bin/sh", "-c", `ulimit -v 67108864 && exec "$0" "$1" short`, file, directory)
		want(t, "engine wazero machine code of postgres: it wants", out, err)
	})
	t.Run("wazero is asked for", func(t *testing.T) {
		t.Parallel()
		out, err := runHost(t, "/bin/sh", "-c", `PGLITE_ENGINE=wazero exec "$0" "$1" short`, file, directory)
		want(t, "engine wazero it was asked for", out, err)
	})
	t.Run("no memory that was writable is executable", func(t *testing.T) {
		t.Parallel()
		out, err := runHost(t, file, directory, "strict")
		if strings.HasPrefix(out, "unknown to this system") {
			t.Skip("SKIPPED, NOTHING WAS TESTED: Linux has it since 6.3")
		}
		want(t, "engine native", out, err)
	})
	t.Run("noexec", func(t *testing.T) {
		t.Parallel()
		mount := t.TempDir()
		if err := unix.Mount("none", mount, "tmpfs", unix.MS_NOEXEC, ""); err != nil {
			t.Skipf("SKIPPED, NOTHING WAS TESTED: mount: %v", err)
		}
		defer func() {
			if err := unix.Unmount(mount, 0); err != nil {
				t.Error(err)
			}
		}()
		copied := filepath.Join(mount, "runtime")
		if err := os.CopyFS(copied, os.DirFS(directory)); err != nil {
			t.Fatal(err)
		}
		out, err := runHost(t, file, copied, "short")
		want(t, "engine native", out, err)
	})
}
