package cmd

import (
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/term"
)

// Streams are what the program was started with: its input and outputs, whether each of them is a terminal, its
// environment and its working directory. All of cmd asks here and not package os, so that several runs of the program
// can go on in one process.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer

	InTerminal, OutTerminal, ErrTerminal bool

	Env []string // NAME=VALUE, of which the last one of a name counts; nil is the environment of this process
	Dir string   // that relative names of files start from; "" is the working directory of this process
}

// Standard returns the streams that the program was started with.
func Standard() Streams {
	terminal := func(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }
	return Streams{
		In: os.Stdin, Out: os.Stdout, Err: os.Stderr,
		InTerminal: terminal(os.Stdin), OutTerminal: terminal(os.Stdout), ErrTerminal: terminal(os.Stderr),
	}
}

// environ returns the environment as NAME=VALUE.
func (s Streams) environ() []string {
	if s.Env == nil {
		return os.Environ()
	}
	return slices.Clone(s.Env)
}

// lookupEnv returns a variable of the environment, and reports whether it is set.
func (s Streams) lookupEnv(name string) (value string, set bool) {
	if s.Env == nil {
		return os.LookupEnv(name)
	}
	for _, variable := range slices.Backward(s.Env) {
		if value, set = strings.CutPrefix(variable, name+"="); set {
			return value, true
		}
	}
	return "", false
}

// getenv returns a variable of the environment, "" when it is not set.
func (s Streams) getenv(name string) string {
	value, _ := s.lookupEnv(name)
	return value
}

// workingDir returns the working directory.
func (s Streams) workingDir() (string, error) {
	if s.Dir == "" {
		return os.Getwd()
	}
	return s.Dir, nil
}

// path returns the name under which this process finds a file that the user has named.
func (s Streams) path(name string) string {
	if s.Dir == "" || name == "" || filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(s.Dir, name)
}

// colors reports whether output to a terminal may be in colours (https://no-color.org).
func (s Streams) colors() bool { return s.getenv("NO_COLOR") == "" }
