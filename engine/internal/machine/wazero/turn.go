package wazero

import (
	"errors"
	"os"
	"path/filepath"
	"time"

	"github.com/pglite-toolbox/pglite/internal/filelock"
)

// turn waits until no other process compiles the program into the same cache: what it has compiled serves us, too. release lets the
// next one compile. Where files cannot be made or locked it does not wait.
func (e *Engine) turn(name string, progress func(string)) (release func()) {
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
	for told := false; ; told = true {
		if err := filelock.TryLock(f); !errors.Is(err, filelock.ErrBusy) {
			return release
		}
		if !told {
			progress("waiting for another pglite, which compiles " + name)
		}
		time.Sleep(pause)
	}
}
