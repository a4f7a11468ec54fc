package dump

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

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
	if r.CreateRoles {
		if code, err := r.createRoles(ctx, to, s, name); code != 0 || err != nil {
			return code, err
		}
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
	stdin := r.File == "-" || r.Progress != nil && s.kind != directory && len(r.Args) == 0
	if !stdin {
		t.Args = append(t.Args, name)
	}
	if err := r.showArchive(&t, s, name); err != nil {
		return 0, err
	}
	if stdin && s.kind == tarball && r.File == "-" {
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
	}
	if stdin {
		t.Stdin = s.r
	}
	return start(ctx, to, t)
}

// createRoles makes the roles that an archive names: pg_restore writes its SQL, which tells them.
func (r Restore) createRoles(ctx context.Context, to Runner, s *source, name string) (int, error) {
	if r.File == "-" {
		return 0, errors.New("the roles of an archive can be created when it is in a file, which is read twice")
	}
	found := &roleFinder{seen: map[string]bool{}}
	list := r
	list.Args = append(slices.Clone(r.Args), "--schema-only", "--file=-")
	t := engine.Tool{Name: "pg_restore", Args: append(slices.Clone(list.Args), name), Env: r.Env, Stdout: found, Stderr: r.Stderr}
	for i, arg := range t.Args {
		t.Args[i] = r.absoluteList(arg)
	}
	if err := r.showArchive(&t, s, name); err != nil {
		return 0, err
	}
	if code, err := start(ctx, to, t); code != 0 || err != nil {
		return code, err
	}
	return start(ctx, to, engine.Tool{
		Name: "psql", Args: []string{"-X", "-q", "-w", "-d", r.Database, "-v", "ON_ERROR_STOP=1", "-f", "-"},
		Env: r.Env, Stdin: strings.NewReader(found.sql.String()), Stderr: r.Stderr,
	})
}

// showArchive shows pg_restore the archive, and the files that its options name: the names of files in an archive may be a stranger's, and
// lead to other files. It may write where it is told to write only.
func (r Restore) showArchive(t *engine.Tool, s *source, name string) error {
	dir := name
	switch {
	case r.File == "-":
		if dir = r.Dir; dir == "" {
			dir = "."
		}
		if len(r.Args) == 0 {
			return nil
		}
	case s.kind != directory:
		dir = filepath.Dir(name)
	}
	if err := t.ShowFiles(dir); err != nil {
		return err
	}
	if !r.has("--file", "-f") && !slices.ContainsFunc(r.Args, func(a string) bool { return strings.HasPrefix(a, "--file=") }) {
		t.ShowReadOnly()
	}
	return nil
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
	for _, arg := range r.Args {
		args = append(args, r.absoluteList(arg))
	}
	return args
}

// absoluteList makes the name in --use-list=FILE absolute: the working directory is not shown.
func (r Restore) absoluteList(arg string) string {
	if name, found := strings.CutPrefix(arg, "--use-list="); found && name != "" && name != "-" {
		return "--use-list=" + absolute(r.Dir, name)
	}
	return arg
}

// has reports whether an option of pg_restore is there, by one of its names.
func (r Restore) has(names ...string) bool {
	return slices.ContainsFunc(r.Args, func(arg string) bool { return slices.Contains(names, arg) })
}

// refused tells of a dump that pg_restore cannot be trusted with.
func (r Restore) refused(err error) error {
	return fmt.Errorf("%s: %w; dump it again", r.File, err)
}
