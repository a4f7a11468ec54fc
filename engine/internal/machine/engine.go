package machine

import (
	"context"
	"errors"
	"path/filepath"

	"github.com/pglite-toolbox/pglite/engine/internal/kernel"
)

// ErrNoProgram means that the runtime has no program of that name.
var ErrNoProgram = errors.New("no such program")

// Engine executes programs.
type Engine interface {
	// Name is what users call the engine.
	Name() string
	// Load loads a program. progress is told when that takes long. An import that the host does not have is an error
	// that names it, and so is one of another type. A program that the runtime does not have is ErrNoProgram.
	Load(ctx context.Context, source Source, progress func(string)) (kernel.Program, error)
	// Close frees all code. No instance may be running.
	Close() error
}

// Source is where a program comes from.
type Source struct {
	Runtime string // the runtime's directory
	Name    string // the program's, such as "postgres"
}

// Module is the file of the program's module.
func (s Source) Module() string { return filepath.Join(s.Runtime, "bin", s.Name+".wasm") }

// Manifest is the file of the runtime's manifest.
func (s Source) Manifest() string { return filepath.Join(s.Runtime, "manifest.json") }

// TrapError reports that a program ended by a trap of its code or a panic in a host function.
type TrapError struct {
	Program string
	Cause   error
}

func (e *TrapError) Error() string { return e.Program + ": " + e.Cause.Error() }

// Unwrap returns the cause.
func (e *TrapError) Unwrap() error { return e.Cause }
