package install

import (
	"context"
	"fmt"
	"os"
	"testing"
)

// helperMode names the environment variable that makes the test's program another one: it makes a cluster and can be
// killed.
const helperMode = "PGLITE_INSTALL_HELPER"

func TestMain(m *testing.M) {
	mode := os.Getenv(helperMode)
	if mode == "" {
		os.Exit(m.Run())
	}
	if err := help(context.Background(), mode, os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// help makes a cluster in dir, or unpacks the runtime into the cache directory dir.
func help(ctx context.Context, mode, runtime, dir string) error {
	maker := &maker{runtime: runtime, progress: func(string) {}}
	switch mode {
	case "unpack":
		_, err := ProvideRuntime(ctx, RuntimeOptions{CacheDir: dir})
		return err
	case "inside":
		if s, err := inspect(dir); err != nil || s != empty {
			return fmt.Errorf("state %v, %w", s, err)
		}
		return maker.inside(ctx, dir)
	case "initdb":
		maker.initdb = []string{"--no-sync"}
	}
	_, err := maker.ensure(ctx, dir)
	return err
}
