package dump

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pglite-toolbox/pglite/internal/partial"
)

// target is the file or directory of a dump, which is written under another name and renamed when it is whole.
type target struct {
	name    string
	unnamed *partial.Path
}

// redirected returns the arguments of pg_dump, or of pg_dumpall, with -f leading to a name beside the wanted one.
func redirected(args []string, dir string, all bool) ([]string, *target, error) {
	args = slices.Clone(args)
	letters := valuesOfDump
	if all {
		letters = valuesOfDumpall
	}
	at, option, name := fileOption.in(args, letters)
	if at < 0 || name == "" || name == "-" {
		return args, nil, nil
	}
	full := name
	if !filepath.IsAbs(full) {
		if _, err := os.Getwd(); err != nil && dir == "" {
			return nil, nil, fmt.Errorf("dump to %q: working directory: %w", name, err)
		}
		full = filepath.Join(dir, full)
	}
	if to, err := filepath.EvalSymlinks(full); err == nil {
		full = to
	}
	if _, err := os.Stat(filepath.Dir(full)); err != nil {
		return nil, nil, fmt.Errorf("dump to %q: %w", name, err)
	}
	info, err := os.Stat(full)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, nil, fmt.Errorf("dump to %q: %w", name, err)
	}
	if err == nil && !replaceable(full, info, args, letters) {
		return args, nil, nil // a device, or what pg_dump refuses
	}
	make := partial.NewFile
	if isDirectory(args, letters) {
		make = partial.NewDir
	}
	unnamed, err := make(full)
	if err != nil {
		return nil, nil, fmt.Errorf("dump to %q: %w", name, err)
	}
	if args[at] = option + unnamed.Name; option == "" {
		args[at] = unnamed.Name
	}
	return args, &target{full, unnamed}, nil
}

// replaceable reports whether a dump may take the place of what is there: a directory that of an empty one, a file that
// of a file.
func replaceable(name string, info fs.FileInfo, args []string, letters string) bool {
	if isDirectory(args, letters) {
		return isEmptyDir(name)
	}
	_, _, format := formatOption.in(args, letters)
	if format = strings.ToLower(format); format == "a" || format == "append" { // not documented: pg_dumpall uses it
		return false
	}
	return info.Mode().IsRegular()
}

// isDirectory reports whether a dump is a directory.
func isDirectory(args []string, letters string) bool {
	_, _, format := formatOption.in(args, letters)
	format = strings.ToLower(format)
	return format == "d" || format == "directory"
}

func isEmptyDir(name string) bool {
	entries, err := os.ReadDir(name)
	return err == nil && len(entries) == 0
}

// commit gives the dump its name. Safe for nil.
func (t *target) commit() error {
	if t == nil {
		return nil
	}
	if isEmptyDir(t.name) {
		if err := os.Remove(t.name); err != nil {
			return fmt.Errorf("replace the empty directory %q: %w", t.name, err)
		}
	}
	if err := os.Rename(t.unnamed.Name, t.name); err != nil {
		return fmt.Errorf("name the dump %q: %w", t.name, err)
	}
	return nil
}

// discard removes what there is of a dump that has not been committed. Safe for nil.
func (t *target) discard() {
	if t != nil {
		t.unnamed.Discard()
	}
}
