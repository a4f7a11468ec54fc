package repl

import "github.com/pglite-toolbox/pglite/repl/lex"

// arguments reads the arguments of a backslash command with the session's variables.
func (s *Session) arguments(text string) ([]lex.Argument, error) {
	return lex.SplitArguments(text, lex.Expansion{Variable: s.Variables.Lookup, Run: s.Streams.output})
}

// output returns what a program of the user prints to its standard output.
func (s *Streams) output(command string) (string, error) {
	c := s.shell(command)
	c.Stdin, c.Stdout = nil, nil
	out, err := c.Output()
	return string(out), err
}
