package install

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pglite-toolbox/pglite/engine"
)

// guestSecrets is where initdb sees the password file.
const guestSecrets = "/run/pglite"

// withPasswordFile lets initdb read the file of its --pwfile option, which is the host's: a copy of it, in a directory that only initdb
// sees and that remove removes.
func withPasswordFile(args []string) (guestArgs []string, mounts []engine.Mount, remove func(), err error) {
	const option = "--pwfile="
	remove = func() {}
	i := slices.IndexFunc(args, func(arg string) bool { return strings.HasPrefix(arg, option) })
	if i < 0 {
		return args, nil, remove, nil
	}
	password, err := os.ReadFile(strings.TrimPrefix(args[i], option))
	if err != nil {
		return nil, nil, remove, fmt.Errorf("password file: %w", err)
	}
	dir, err := os.MkdirTemp("", "pglite-init-")
	if err != nil {
		return nil, nil, remove, fmt.Errorf("password file: %w", err)
	}
	remove = func() { _ = os.RemoveAll(dir) }
	if err := os.WriteFile(filepath.Join(dir, "pwfile"), password, 0o600); err != nil {
		remove()
		return nil, nil, remove, fmt.Errorf("password file: %w", err)
	}
	guestArgs = slices.Clone(args)
	guestArgs[i] = option + guestSecrets + "/pwfile"
	return guestArgs, []engine.Mount{{Host: dir, Guest: guestSecrets, ReadOnly: true}}, remove, nil
}
