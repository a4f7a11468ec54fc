package repl

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// Streams are what a session has of the program around it: the input and the outputs of the programs that its user
// starts, the environment and the working directory. The session changes its own copy, never those of the process.
// The zero value gives programs no input, drops what they print, and begins with the environment and the directory of
// the process.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer

	Env []string // NAME=VALUE, of which the last one of a name counts; nil is the environment of the process
	Dir string   // that relative names of files start from; "" is the working directory of the process
}

// LookupEnv returns a variable of the environment, and reports whether it is set.
func (s *Streams) LookupEnv(name string) (value string, set bool) {
	if s.Env == nil {
		return os.LookupEnv(name)
	}
	for _, variable := range slices.Backward(s.Env) {
		if n, value, _ := strings.Cut(variable, "="); sameVariable(n, name) {
			return value, true
		}
	}
	return "", false
}

// Getenv returns a variable of the environment, "" when it is not set.
func (s *Streams) Getenv(name string) string {
	value, _ := s.LookupEnv(name)
	return value
}

// Setenv sets a variable for the session and the programs that its user starts.
func (s *Streams) Setenv(name, value string) error {
	if name == "" || strings.ContainsAny(name, "=\x00") || strings.Contains(value, "\x00") {
		return os.NewSyscallError("setenv", syscall.EINVAL)
	}
	s.Unsetenv(name)
	s.Env = append(s.Env, name+"="+value)
	return nil
}

// Unsetenv removes a variable.
func (s *Streams) Unsetenv(name string) {
	env := s.Env
	if env == nil {
		env = os.Environ()
	}
	s.Env = slices.DeleteFunc(slices.Clone(env), func(variable string) bool {
		n, _, _ := strings.Cut(variable, "=")
		return sameVariable(n, name)
	})
	if s.Env == nil {
		s.Env = []string{}
	}
}

// Path returns where the process finds a file that the user has named: a leading ~ is the home directory, and a
// relative name starts from Dir.
func (s *Streams) Path(name string) string {
	if name == "~" || strings.HasPrefix(name, "~/") {
		if home := s.Getenv(homeVariable); home != "" {
			name = home + name[1:]
		}
	}
	if s.Dir == "" || name == "" || filepath.IsAbs(name) {
		return name
	}
	if strings.HasSuffix(name, "/") {
		return filepath.Join(s.Dir, name) + "/" // which says that it is a directory
	}
	return filepath.Join(s.Dir, name)
}

// Chdir changes the working directory.
func (s *Streams) Chdir(dir string) error {
	path, err := filepath.Abs(s.Path(dir))
	if err != nil {
		return err
	}
	if _, err := os.Stat(path + string(filepath.Separator) + "."); err != nil { // which fails like chdir
		return err
	}
	s.Dir = path
	return nil
}

// program gives a program of the user the streams, the environment and the directory.
func (s *Streams) program(c *exec.Cmd) *exec.Cmd {
	c.Stdin, c.Stdout, c.Stderr, c.Env, c.Dir = s.In, s.Out, s.Err, slices.Clone(s.Env), s.Dir
	return c
}

// shell returns a command line of the user as a program to run.
func (s *Streams) shell(line string) *exec.Cmd { return s.program(shellCommand(line, s.Getenv)) }
