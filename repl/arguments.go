package repl

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"

	"github.com/pglite-toolbox/pglite/repl/lex"
)

// arguments reads the arguments of a backslash command with the session's variables.
func (s *Session) arguments(text string) ([]lex.Argument, error) {
	return lex.SplitArguments(text, lex.Expansion{Variable: s.Variables.Lookup, Run: s.backquoted})
}

// backquoted returns what a program in backquotes prints. How the program ends is for variables and no error, as in
// psql.
func (s *Session) backquoted(command string) (string, error) {
	c := s.Streams.shell(command)
	c.Stdin, c.Stdout = nil, nil
	out, err := c.Output()
	s.noteProgram(c.ProcessState, err != nil)
	if exited := (*exec.ExitError)(nil); errors.As(err, &exited) {
		err = nil
	}
	return string(out), err
}

// noteProgram sets the variables that tell how a program ended.
func (s *Session) noteProgram(state *os.ProcessState, failed bool) {
	code := -1
	if state != nil {
		code = state.ExitCode()
		if status, ok := state.Sys().(syscall.WaitStatus); ok && status.Signaled() {
			code = 128 + int(status.Signal()) // as a shell says it
		}
	}
	s.Variables["SHELL_ERROR"] = fmt.Sprint(failed)
	s.Variables["SHELL_EXIT_CODE"] = fmt.Sprint(code)
}

// output returns what a program of the user prints to its standard output.
func (s *Streams) output(command string) (string, error) {
	c := s.shell(command)
	c.Stdin, c.Stdout = nil, nil
	out, err := c.Output()
	return string(out), err
}
