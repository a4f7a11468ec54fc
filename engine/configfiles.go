package engine

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// checkConfiguration refuses configuration files that are no files. PostgreSQL would read a device without end, and it
// crashes on a directory.
func checkConfiguration(dir, _ string) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return fmt.Errorf("data directory: %w", err)
	}
	defer root.Close()
	for _, name := range []string{"postgresql.conf", "postgresql.auto.conf", "pg_hba.conf", "pg_ident.conf"} {
		if kind := notAFile(root, name); kind != "" {
			return fmt.Errorf("data directory %q: %s is %s, not a file: replace it", dir, name, kind)
		}
	}
	return nil
}

// notAFile says what has the name of a file, "" when it is a file, a link to what may be one, or nothing.
func notAFile(root *os.Root, name string) string {
	info, err := root.Lstat(name)
	if err == nil && info.Mode()&fs.ModeSymlink != 0 {
		if to, err := root.Readlink(name); err == nil && strings.HasPrefix(filepath.ToSlash(to), "/dev/") &&
			to != os.DevNull {
			return "a link to " + to
		}
		info, err = root.Stat(name) // one that leads out leads to what is mounted, which the server opens
	}
	switch {
	case err != nil || info.Mode().IsRegular():
		return ""
	case info.IsDir():
		return "a directory"
	case info.Mode()&fs.ModeNamedPipe != 0:
		return "a FIFO"
	}
	return "a device or socket"
}
