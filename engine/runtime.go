package engine

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/pglite-toolbox/pglite/engine/internal/emscripten"
	"github.com/pglite-toolbox/pglite/engine/internal/wasm"
	"github.com/pglite-toolbox/pglite/internal/runtimes"
)

// ErrNoRuntime: the program was built without a runtime, none was named, and the user's cache has none. Its text says
// what to do.
var ErrNoRuntime = runtimes.ErrNoRuntime

// withRuntime returns the configuration with the runtime that is meant when none is named: the one that is built into
// the program and unpacked into the user's cache, else $PGLITE_RUNTIME, else one that another program has unpacked.
func (c Config) withRuntime(ctx context.Context) (Config, error) {
	if c.Runtime != "" {
		return c, nil
	}
	var err error
	c.Runtime, err = runtimes.Provide(ctx, runtimes.Options{Progress: c.Progress, Fits: CheckRuntime})
	return c, err
}

// CheckRuntime returns an error when the server of a runtime, an unpacked one, wants functions of its host that this
// version of the package does not have. It starts nothing.
func CheckRuntime(dir string) error {
	module, err := os.ReadFile(filepath.Join(dir, "bin", serverProgram+".wasm"))
	if err != nil {
		return fmt.Errorf("runtime %q: %w", dir, err)
	}
	imports, err := wasm.Imports(module)
	if err != nil {
		return fmt.Errorf("runtime %q: %w", dir, err)
	}
	table := emscripten.Imports()
	for _, i := range imports {
		if i.Kind != wasm.FunctionKind {
			continue
		}
		if _, ok := table[i.Module][i.Name]; !ok {
			return fmt.Errorf("runtime %q: its server wants %s.%s of the host, which this version does not have: use the runtime that belongs to it", dir, i.Module, i.Name)
		}
	}
	return nil
}
