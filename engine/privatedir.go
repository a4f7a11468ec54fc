package engine

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/pglite-toolbox/pglite/internal/cachedir"
)

// privateSocket returns where the owner of a data directory listens for other processes of the same user. It is not in
// the data directory because socket paths must be short.
func privateSocket(dataDir string) (string, error) {
	real, err := filepath.EvalSymlinks(dataDir)
	if err == nil {
		real, err = filepath.Abs(real)
	}
	if err != nil {
		return "", err
	}
	dir, err := privateDir()
	if err != nil {
		return "", err
	}
	const enough = 8
	sum := sha256.Sum256([]byte(real))
	return filepath.Join(dir, hex.EncodeToString(sum[:enough])), nil
}

// longestSocketDir leaves room for a socket's name, and the attempts' suffix, in the shortest sun_path that there is,
// of 103 bytes.
const longestSocketDir = 103 - len("/0123456789abcdef-4194304-2")

// SocketDir tells in which directory the owner of a data directory listens for other processes of the same user. It
// makes nothing.
func SocketDir() string {
	dirs := cachedir.Env(nil).Sockets(longestSocketDir)
	for _, dir := range dirs {
		if cachedir.CanBePrivate(dir) == nil {
			return dir
		}
	}
	return dirs[len(dirs)-1]
}

// privateDir makes a directory that the user alone can enter: in XDG_RUNTIME_DIR where there is one, or in a directory
// of temporary files, where others may have made one of that name before.
func privateDir() (string, error) {
	var failed []error
	for _, dir := range cachedir.Env(nil).Sockets(longestSocketDir) {
		err := cachedir.MakePrivate(dir)
		if err == nil {
			return dir, nil
		}
		failed = append(failed, err)
	}
	return "", fmt.Errorf("there is no directory for sockets: %w; set XDG_RUNTIME_DIR to a directory of your own",
		joined(failed))
}

// joined puts errors into one line.
func joined(all []error) error {
	var text []string
	for _, err := range all {
		text = append(text, err.Error())
	}
	return errors.New(strings.Join(text, "; "))
}
