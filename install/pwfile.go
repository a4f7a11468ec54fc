package install

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/internal/cachedir"
)

// guestSecrets is where initdb sees the password file.
const guestSecrets = "/run/pglite"

// withPasswordFile lets initdb read the file of its --pwfile option, the last if there are several, which is the
// host's: a copy of it, in a directory that only initdb sees and that remove removes.
func withPasswordFile(args []string) (guestArgs []string, mounts []engine.Mount, remove func(), err error) {
	remove = func() {}
	guestArgs, name := cutPasswordFile(args)
	if name == "" {
		return guestArgs, nil, remove, nil
	}
	password, err := os.ReadFile(name)
	if err != nil {
		return nil, nil, remove, fmt.Errorf("password file: %w", err)
	}
	if len(password) == 0 { // initdb would name its copy
		return nil, nil, remove, fmt.Errorf("password file %q is empty", name)
	}
	dir, err := os.MkdirTemp(cachedir.Env(nil).Temp(), "pglite-init-")
	if err != nil {
		return nil, nil, remove, fmt.Errorf("password file: %w", err)
	}
	remove = func() { _ = os.RemoveAll(dir) }
	if err := os.WriteFile(filepath.Join(dir, "pwfile"), password, 0o600); err != nil {
		remove()
		return nil, nil, remove, fmt.Errorf("password file: %w", err)
	}
	return append(guestArgs, passwordOption+"="+guestSecrets+"/pwfile"),
		[]engine.Mount{{Host: dir, Guest: guestSecrets, ReadOnly: true}}, remove, nil
}

const passwordOption = "--pwfile"

// cutPasswordFile takes --pwfile=FILE and --pwfile FILE out of the arguments.
func cutPasswordFile(args []string) (others []string, name string) {
	for i := 0; i < len(args); i++ {
		value, joined := strings.CutPrefix(args[i], passwordOption+"=")
		switch {
		case joined:
			name = value
		case args[i] == passwordOption && i+1 < len(args):
			i++
			name = args[i]
		default:
			others = append(others, args[i])
		}
	}
	return others, name
}
