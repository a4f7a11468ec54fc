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
	if !r.given(listOption) && !r.given(schemaOnlyOption) {
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
		if err := r.restoresSchema(); err != nil {
			return 0, err
		}
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
	list.Args = slices.DeleteFunc(fileOption.without(r.Args, valuesOfRestore),
		func(arg string) bool { return arg == "--statistics" })
	args := append([]string{"--schema-only", "--file=-"}, r.absoluteFiles(list.Args)...)
	t := engine.Tool{Name: "pg_restore", Args: append(args, name), Env: r.Env, Stdout: found, Stderr: r.Stderr}
	if err := list.showArchive(&t, s, name); err != nil {
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

// restoresSchema refuses to create roles when nothing is restored that names any.
func (r Restore) restoresSchema() error {
	for _, o := range []option{listOption, dataOnlyOption, noSchemaOption, statisticsOnlyOption} {
		if r.given(o) {
			return fmt.Errorf("--create-roles creates the roles that the schema names, and with --%s none of it is "+
				"restored: leave one of them out", o.long)
		}
	}
	return nil
}

// showArchive shows pg_restore the directory of the archive, which may be the archive itself, and those of the files
// that its options name: the names of files in an archive may be a stranger's, and lead to other files. It may write
// only when it is told to write a file.
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
	if at, _, _ := fileOption.in(r.Args, valuesOfRestore); at < 0 {
		t.ShowReadOnly()
	}
	return nil
}

func (r Restore) archiveArgs() (args []string) {
	if !r.given(listOption) {
		args = append(args, "-w", "-d", r.Database)
	}
	if !r.Continue {
		args = append(args, "--exit-on-error")
	}
	if r.Single {
		args = append(args, "--single-transaction")
	}
	return append(args, r.absoluteFiles(r.Args)...)
}

// absoluteFiles makes the names of files in options absolute: the program does not see the working directory.
func (r Restore) absoluteFiles(args []string) []string {
	for _, o := range []option{fileOption, useListOption, filterOption} {
		args = o.replaced(args, valuesOfRestore, func(name string) string {
			if name == "" || name == "-" {
				return name
			}
			return absolute(r.Dir, name)
		})
	}
	return args
}

// given reports whether an option of pg_restore is there that takes no value.
func (r Restore) given(o option) bool { return o.given(r.Args, valuesOfRestore) }

// has reports whether an argument is one of the names.
func (r Restore) has(names ...string) bool {
	return slices.ContainsFunc(r.Args, func(arg string) bool { return slices.Contains(names, arg) })
}

// refused tells of a dump that pg_restore cannot be trusted with.
func (r Restore) refused(err error) error {
	return fmt.Errorf("%s: %w; dump it again", r.File, err)
}
