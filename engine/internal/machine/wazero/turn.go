package wazero

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"github.com/pglite-toolbox/pglite/internal/filelock"
)

// turnPatience is how long a process waits for another one that compiles. The largest program takes a minute on a slow
// processor: what takes longer has been stopped, by Ctrl-Z for one, and would hold up all others.
const turnPatience = 3 * time.Minute

// turn waits until no other process compiles the program into the same cache: what it has compiled serves us, too.
// release lets the next one compile. Where files cannot be made or locked it does not wait, and no longer than ctx and
// the engine's patience last.
func (e *Engine) turn(ctx context.Context, name string, progress func(string)) (release func()) {
	const pause = 20 * time.Millisecond
	if e.cfg.CodeDir == "" {
		return func() {}
	}
	if os.MkdirAll(e.cfg.CodeDir, sharedMode) != nil {
		return func() {}
	}
	f, err := os.OpenFile(filepath.Join(e.cfg.CodeDir, ".lock-"+name), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return func() {}
	}
	release = func() { _ = f.Close() }
	patient, cancel := context.WithTimeout(ctx, e.patience)
	defer cancel()
	for told := false; ; told = true {
		if err := filelock.TryLock(f); !errors.Is(err, filelock.ErrBusy) {
			return release
		}
		if !told {
			progress("waiting for another pglite, which compiles " + name)
		}
		select {
		case <-patient.Done():
			if ctx.Err() == nil {
				progress("another pglite does not finish compiling " + name + ": this one does it, too")
			}
			return release
		case <-time.After(pause):
		}
	}
}
