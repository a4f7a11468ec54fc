package dump

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/pglite-toolbox/pglite/engine"
)

// ErrNotBundled tells that the runtime has no pg_dump, or that there is no runtime.
var ErrNotBundled = errors.New("the runtime has no pg_dump")

// Runner runs a program that finds its server by itself. An *engine.DB is one, a Remote another. When ctx is cancelled
// it ends the program, and does not wait for a Read of the program's Stdin.
type Runner interface {
	RunTool(ctx context.Context, t engine.Tool) (exitCode int, err error)
}

// Dump is a run of pg_dump (https://www.postgresql.org/docs/18/app-pgdump.html). The zero value dumps the database of
// PGDATABASE to Stdout as SQL.
type Dump struct {
	// All runs pg_dumpall, which dumps all databases, roles and tablespaces, as SQL only.
	All bool
	// Args are the program's own. -f names a file or directory of the host.
	Args []string
	// Env are environment variables, NAME=VALUE: PGDATABASE, PGUSER, PGPASSWORD and so on.
	Env []string
	// Dir is the working directory; "" is that of the Go program.
	Dir            string
	Stdout, Stderr io.Writer // nil drops what is written
	Stdin          io.Reader // for a password
	Terminal       *engine.Terminal
}

// Run runs the dump and returns the program's exit code. The error tells that it could not run (ErrNotBundled) or was
// cancelled. Unless it succeeded, the file of -f is as it was before. A Dump may be run again.
func (d Dump) Run(ctx context.Context, r Runner) (exitCode int, err error) {
	name := "pg_dump"
	if d.All {
		name = "pg_dumpall"
	}
	args, target, err := redirected(d.Args, d.Dir, d.All)
	if err != nil {
		return 0, err
	}
	defer target.discard()
	t := engine.Tool{
		Name: name, Args: args, Env: d.Env, Stdin: d.Stdin, Stdout: d.Stdout, Stderr: d.Stderr,
		Terminal: d.Terminal,
	}
	if exitCode, err = run(ctx, r, t, d.Dir); exitCode != 0 || err != nil {
		return exitCode, err
	}
	return 0, target.commit()
}

// run runs a program with a view of its files.
func run(ctx context.Context, r Runner, t engine.Tool, dir string) (int, error) {
	if dir == "" {
		var err error
		if dir, err = os.Getwd(); err != nil && !errors.Is(err, fs.ErrNotExist) { // it may have been removed
			return 0, fmt.Errorf("working directory: %w", err)
		}
	}
	if err := t.ShowFiles(dir); err != nil {
		return 0, err
	}
	return start(ctx, r, t)
}

// start runs a program that sees what it has been shown.
func start(ctx context.Context, r Runner, t engine.Tool) (int, error) {
	code, err := r.RunTool(ctx, t)
	if errors.Is(err, engine.ErrNoProgram) {
		err = fmt.Errorf("%w: %w", ErrNotBundled, err)
	}
	return code, err
}
