package dump

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/pglite-toolbox/pglite/engine"
)

// archive runs pg_restore. What pg_restore would not notice is looked for first, or on the way in standard input.
func (r Restore) archive(ctx context.Context, to Runner, s *source, name string) (int, error) {
	var broken error
	if !r.has("--list", "-l") && !r.has("--schema-only", "-s") {
		broken = s.whole(ctx)
	}
	switch {
	case broken == nil:
	case ctx.Err() != nil:
		return 0, ctx.Err()
	case s.kind == tarball:
		return 0, r.refused(broken)
	case !r.Continue:
		return 0, r.advised(broken)
	}
	code, err := r.pgRestore(ctx, to, s, name)
	if broken != nil && err == nil {
		err = r.advised(broken)
	}
	return code, err
}

// pgRestore reads the file through its standard input when that shows progress, and it need not go back and forth.
func (r Restore) pgRestore(ctx context.Context, to Runner, s *source, name string) (int, error) {
	t := engine.Tool{Name: "pg_restore", Args: r.archiveArgs(), Env: r.Env, Stdout: r.Stdout, Stderr: r.Stderr}
	switch {
	case r.File == "-" && s.kind == tarball:
		var stream *tarStream
		code, broken, err := r.fed(ctx, to, t, false, func(cut func(error)) io.Reader {
			stream = newTarStream(s.r, cut)
			return stream
		})
		stream.close()
		if broken != nil {
			err = r.refused(broken)
		}
		return code, err
	case r.File == "-" || r.Progress != nil && s.kind != directory && len(r.Args) == 0:
		t.Stdin = s.r
	default:
		t.Args = append(t.Args, name)
	}
	return run(ctx, to, t, r.Dir)
}

func (r Restore) archiveArgs() (args []string) {
	if !r.has("--list", "-l") {
		args = append(args, "-w", "-d", r.Database)
	}
	if !r.Continue {
		args = append(args, "--exit-on-error")
	}
	if r.Single {
		args = append(args, "--single-transaction")
	}
	return append(args, r.Args...)
}

// has reports whether an option of pg_restore is there, by one of its names.
func (r Restore) has(long, short string) bool {
	return slices.Contains(r.Args, long) || slices.Contains(r.Args, short)
}

// refused tells of a dump that pg_restore cannot be trusted with.
func (r Restore) refused(err error) error {
	return fmt.Errorf("%s: %w; dump it again", r.File, err)
}
