package cmd

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"

	"github.com/pglite-toolbox/pglite/repl"
)

// configDir returns the directory of the user's settings: the XDG one on all systems but Windows.
func configDir() (string, error) {
	if dir := os.Getenv("XDG_CONFIG_HOME"); filepath.IsAbs(dir) {
		return dir, nil
	}
	if runtime.GOOS == "windows" {
		return os.UserConfigDir()
	}
	home, err := os.UserHomeDir()
	return filepath.Join(home, ".config"), err
}

// stateDir returns the directory for what programs remember of the user's doings.
func stateDir() (string, error) {
	if dir := os.Getenv("XDG_STATE_HOME"); filepath.IsAbs(dir) {
		return dir, nil
	}
	switch runtime.GOOS {
	case "windows":
		return os.UserCacheDir()
	case "darwin":
		return os.UserConfigDir() // ~/Library/Application Support
	}
	home, err := os.UserHomeDir()
	return filepath.Join(home, ".local", "state"), err
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
