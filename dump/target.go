package dump

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// target is the file or directory of a dump, which is written under another name and renamed when it is whole.
type target struct{ name, partial string }

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
	t := &target{full, filepath.Join(filepath.Dir(full), "."+filepath.Base(full)+".partial-"+rand.Text()[:8])}
	if args[at] = option + t.partial; option == "" {
		args[at] = t.partial
	}
	return args, t, nil
}

// replaceable reports whether a dump may take the place of what is there: a directory that of an empty one, a file that of a file.
func replaceable(name string, info fs.FileInfo, args []string, letters string) bool {
	_, _, format := formatOption.in(args, letters)
	switch strings.ToLower(format) {
	case "d", "directory":
		return isEmptyDir(name)
	case "a", "append": // not documented: pg_dumpall uses it
		return false
	}
	return info.Mode().IsRegular()
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
	if err := os.Rename(t.partial, t.name); err != nil {
		return fmt.Errorf("name the dump %q: %w", t.name, err)
	}
	return nil
}

// discard removes what there is of a dump that has not been committed. Safe for nil.
func (t *target) discard() {
	if t != nil {
		_ = os.RemoveAll(t.partial)
	}
}
