//go:build !linux || !(amd64 || arm64)

package native

import (
	"context"

	"github.com/pglite-toolbox/pglite/engine/internal/kernel"
	"github.com/pglite-toolbox/pglite/engine/internal/machine"
)

// Load implements [machine.Engine]: there is no machine code for this system.
func (*Engine) Load(context.Context, machine.Source, func(string)) (kernel.Program, error) {
	return nil, ErrNoCode
}

// Expect returns why there is no machine code for this system.
func (*Engine) Expect(string) error { return ErrNoCode }

// Close implements [machine.Engine].
func (*Engine) Close() error { return nil }
