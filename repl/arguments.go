package repl

import "github.com/pglite-toolbox/pglite/repl/lex"

// arguments reads the arguments of a backslash command with the session's variables.
func (s *Session) arguments(text string) ([]lex.Argument, error) {
	return lex.SplitArguments(text, lex.Expansion{Variable: s.Variables.Lookup, Run: programOutput})
}

// programOutput returns what a program of the user prints to its standard output.
func programOutput(command string) (string, error) {
	out, err := shellCommand(command).Output()
	return string(out), err
}
