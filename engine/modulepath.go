package engine

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// ModulePath returns the file of a program's module in the configured runtime, such as that of postgres. The error is ErrNoProgram when the
// runtime has none.
func ModulePath(ctx context.Context, cfg Config, program string) (string, error) {
	cfg, err := cfg.withRuntime(ctx)
	if err != nil {
		return "", err
	}
	if !programName.MatchString(program) {
		return "", fmt.Errorf("%w: %q", ErrNoProgram, program)
	}
	name, err := filepath.Abs(filepath.Join(cfg.Runtime, "bin", program+".wasm"))
	if err != nil {
		return "", err
	}
	if _, err := os.Stat(name); errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("%w: %q is not in %s", ErrNoProgram, program, cfg.Runtime)
	} else if err != nil {
		return "", err
	}
	return name, nil
}
