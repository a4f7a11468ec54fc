package install

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"testing"
	"time"
)

// testRuntime provides the embedded runtime in the user's cache directory.
func testRuntime(t testing.TB) string {
	t.Helper()
	dir, err := ProvideRuntime(t.Context(), RuntimeOptions{Progress: func(s string) { t.Log(s) }})
	if errors.Is(err, ErrNoRuntime) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return dir
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
