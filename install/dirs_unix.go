//go:build unix && !darwin

package install

import (
	"fmt"
	"os"
	"path/filepath"
)

// dataHome is where programs keep the user's data
// (https://specifications.freedesktop.org/basedir-spec/latest/).
func dataHome() (string, error) {
	if dir := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(dir) {
		return dir, nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("%w (%w): name a data directory with -D", errNoHome, err)
	}
	return filepath.Join(home, ".local", "share"), nil
}
