package repl

// arguments reads the arguments of a backslash command with the session's variables.
func (s *Session) arguments(text string) ([]argument, error) {
	return splitArguments(text, expansion{variable: s.Variables.Lookup, run: programOutput})
}

// programOutput returns what a program of the user prints to its standard output.
func programOutput(command string) (string, error) {
	out, err := shellCommand(command).Output()
	return string(out), err
}
