package cmd

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/pglite-toolbox/pglite/internal/pgclient"
)

// askPassword replaces initdb's --pwprompt, which has no terminal, by a --pwfile with what the user types. forget removes the file.
func (p *program) askPassword(ctx context.Context, args []string) (withFile []string, forget func(), err error) {
	forget = func() {}
	i := slices.Index(args, "--pwprompt")
	if i < 0 {
		return args, forget, nil
	}
	in, ok := p.streams.In.(*os.File)
	if !ok || !p.streams.InTerminal {
		return nil, forget, &usageError{"init", "--pwprompt needs a terminal to ask at: use --pwfile FILE"}
	}
	password, err := p.typedTwice(ctx, in)
	if err != nil {
		return nil, forget, err
	}
	f, err := os.CreateTemp(p.streams.dirs().Temp(), "pglite-password-") // of mode 0600
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

// typedTwice asks for a password as initdb does.
func (p *program) typedTwice(ctx context.Context, in *os.File) ([]byte, error) {
	typed, err := pgclient.ReadPasswords(ctx, in, p.streams.Err, "Enter new superuser password: ", "Enter it again: ")
	switch {
	case err != nil:
		return nil, err
	case typed[0] != typed[1]:
		return nil, errors.New("the two passwords are not the same: try again")
	case typed[0] == "":
		return nil, errors.New("the password is empty: give one, or leave --pwprompt out")
	}
	return []byte(typed[0]), nil
}
