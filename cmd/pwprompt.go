package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"golang.org/x/term"
)

// askPassword replaces initdb's --pwprompt, which has no terminal, by a --pwfile with what the user types. forget removes the file.
func (p *program) askPassword(args []string) (withFile []string, forget func(), err error) {
	forget = func() {}
	i := slices.Index(args, "--pwprompt")
	if i < 0 {
		return args, forget, nil
	}
	in, ok := p.streams.In.(*os.File)
	if !ok || !p.streams.InTerminal {
		return nil, forget, &usageError{"init", "--pwprompt needs a terminal to ask at: use --pwfile FILE"}
	}
	password, err := p.typedTwice(in)
	if err != nil {
		return nil, forget, err
	}
	f, err := os.CreateTemp("", "pglite-password-") // of mode 0600
	if err != nil {
		return nil, forget, fmt.Errorf("password: %w", err)
	}
	forget = func() { _ = os.Remove(f.Name()) }
	_, err = f.Write(append(password, '\n'))
	if err = errors.Join(err, f.Close()); err != nil {
		forget()
		return nil, func() {}, fmt.Errorf("password: %w", err)
	}
	withFile = slices.DeleteFunc(slices.Clone(args), func(arg string) bool { return arg == "--pwprompt" })
	return append(withFile, "--pwfile="+f.Name()), forget, nil
}

// typedTwice asks for a password as initdb does, without showing it. The terminal is raw meanwhile, so that nothing typed early is shown
// either, and Ctrl-C arrives as a character, which ends the line with io.EOF.
func (p *program) typedTwice(in *os.File) ([]byte, error) {
	before, err := term.MakeRaw(int(in.Fd()))
	if err != nil {
		return nil, fmt.Errorf("password: %w", err)
	}
	defer func() { _ = term.Restore(int(in.Fd()), before) }()
	terminal := term.NewTerminal(struct {
		io.Reader
		io.Writer
	}{in, p.streams.Err}, "")
	var typed [2]string
	for i, prompt := range []string{"Enter new superuser password: ", "Enter it again: "} {
		typed[i], err = terminal.ReadPassword(prompt)
		if errors.Is(err, io.EOF) {
			return nil, context.Canceled
		}
		if err != nil {
			return nil, fmt.Errorf("password: %w", err)
		}
	}
	switch {
	case typed[0] != typed[1]:
		return nil, errors.New("the two passwords are not the same: try again")
	case typed[0] == "":
		return nil, errors.New("the password is empty: give one, or leave --pwprompt out")
	}
	return []byte(typed[0]), nil
}
