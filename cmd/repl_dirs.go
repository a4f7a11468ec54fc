package cmd

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"github.com/pglite-toolbox/pglite/repl"
)

// homeDir returns the user's home directory.
func (s Streams) homeDir() (string, error) {
	if s.Env == nil {
		return os.UserHomeDir()
	}
	name := "HOME"
	if runtime.GOOS == "windows" {
		name = "USERPROFILE"
	}
	if dir := s.getenv(name); dir != "" {
		return dir, nil
	}
	return "", fmt.Errorf("the environment has no %s", name)
}

// configDir returns the directory of the user's settings: the XDG one on all systems but Windows.
func (s Streams) configDir() (string, error) {
	if dir := s.getenv("XDG_CONFIG_HOME"); filepath.IsAbs(dir) {
		return dir, nil
	}
	if runtime.GOOS == "windows" {
		return os.UserConfigDir()
	}
	home, err := s.homeDir()
	return filepath.Join(home, ".config"), err
}

// stateDir returns the directory for what programs remember of the user's doings.
func (s Streams) stateDir() (string, error) {
	if dir := s.getenv("XDG_STATE_HOME"); filepath.IsAbs(dir) {
		return dir, nil
	}
	switch runtime.GOOS {
	case "windows":
		return os.UserCacheDir()
	case "darwin":
		return os.UserConfigDir() // ~/Library/Application Support
	}
	home, err := s.homeDir()
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
