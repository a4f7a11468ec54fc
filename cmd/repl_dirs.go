package cmd

import (
	"errors"
	"os"
	"path/filepath"

	"github.com/pglite-toolbox/pglite/internal/cachedir"
	"github.com/pglite-toolbox/pglite/repl"
)

// dirs finds the user's directories.
func (s Streams) dirs() cachedir.Env { return s.getenv }

// replrc returns the name of the shell's own start file: the first that is there in a directory of the user's settings,
// else where it would be; "" when there is no home.
func (s Streams) replrc() string {
	var names []string
	for _, dir := range s.dirs().Config() {
		name := filepath.Join(dir, "replrc")
		if _, err := os.Stat(name); err == nil {
			return name
		}
		names = append(names, name)
	}
	return append(names, "")[0]
}

// explained returns an error with the text that users see for it.
func explained(err error) error {
	var lost *repl.ConnectionError
	if errors.As(err, &lost) {
		return err
	}
	_, message := explain(err)
	return errors.New(message)
}
