// Package durable brings files and directories to stable storage.
package durable

import (
	"context"
	"io/fs"
	"path/filepath"
	"sync"
)

// Tree brings all files and directories below dir, and dir, to stable storage.
func Tree(ctx context.Context, dir string) error {
	var files, dirs []string
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir():
			dirs = append(dirs, name)
		case d.Type().IsRegular():
			files = append(files, name)
		}
		return nil
	})
	if err != nil {
		return err
	}
	const atOnce = 16 // journaling file systems commit many at the price of one
	if err := Parallel(ctx, atOnce, files, File); err != nil {
		return err
	}
	return Parallel(ctx, atOnce, dirs, Dir)
}

// Parallel calls do for each name, some at once, and returns the first error. It returns when all calls have ended.
func Parallel(ctx context.Context, atOnce int, names []string, do func(name string) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	work := make(chan string)
	var workers sync.WaitGroup
	for range min(atOnce, len(names)) {
		workers.Go(func() {
			for name := range work {
				if err := do(name); err != nil {
					cancel(err)
					return
				}
			}
		})
	}
	for _, name := range names {
		select {
		case work <- name:
			continue
		case <-ctx.Done():
		}
		break
	}
	close(work)
	workers.Wait()
	return context.Cause(ctx)
}
