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

// redirected returns the arguments with -f leading to a name beside the wanted one.
func redirected(args []string, dir string) ([]string, *target, error) {
	args = slices.Clone(args)
	at, option, name := optionValue(args, 'f', "file")
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
	info, err := os.Stat(full)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, nil, fmt.Errorf("dump to %q: %w", name, err)
	}
	if err == nil && !replaceable(full, info, args) {
		return args, nil, nil // a device, or what pg_dump refuses
	}
	t := &target{full, filepath.Join(filepath.Dir(full), "."+filepath.Base(full)+".partial-"+rand.Text()[:8])}
	if args[at] = option + t.partial; option == "" {
		args[at] = t.partial
	}
	return args, t, nil
}

// replaceable reports whether a dump may take the place of what is there: a directory that of an empty one, a file that of a file.
func replaceable(name string, info fs.FileInfo, args []string) bool {
	if _, _, format := optionValue(args, 'F', "format"); strings.HasPrefix(format, "d") {
		return isEmptyDir(name)
	}
	return info.Mode().IsRegular()
}

// optionValue finds the value of an option by its letter and its long name: the last one counts. The value is in args[at] after option.
// Options of pg_dump that take a value hide what comes next.
func optionValue(args []string, letter byte, long string) (at int, option, value string) {
	at = -1
	for i := 0; i < len(args); i++ {
		arg := args[i]
		switch {
		case arg == "--":
			return at, option, value
		case arg == "-"+string(letter) || arg == "--"+long:
			if i+1 < len(args) {
				i++
				at, option, value = i, "", args[i]
			}
		case strings.HasPrefix(arg, "--"+long+"="):
			option = "--" + long + "="
			at, value = i, arg[len(option):]
		case strings.HasPrefix(arg, "--"):
		case len(arg) > 1 && arg[0] == '-':
			j := strings.IndexAny(arg[1:], valueLetters) + 1
			switch {
			case j == 0:
			case arg[j] == letter && j+1 < len(arg):
				at, option, value = i, arg[:j+1], arg[j+1:]
			case j+1 == len(arg): // the value is the next argument
				if i++; i < len(args) && arg[j] == letter {
					at, option, value = i, "", args[i]
				}
			}
		}
	}
	return at, option, value
}

// valueLetters are the short options of pg_dump and pg_dumpall that take a value.
const valueLetters = "dEeFfhjlnNpSTtUZ"

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
