package pgclient

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/term"
)

// ReadPasswords asks for passwords on a terminal, one after another, without showing them. The terminal is raw
// meanwhile, so that nothing typed early is shown either; it is as before when the function returns. Ctrl-C, and Ctrl-D
// instead of a password, are context.Canceled; so is the end of ctx, which leaves a read of the terminal behind and is
// therefore for the end of the program.
func ReadPasswords(ctx context.Context, in *os.File, out io.Writer, prompts ...string) ([]string, error) {
	before, err := term.MakeRaw(int(in.Fd()))
	if err != nil {
		return nil, fmt.Errorf("password: %w", err)
	}
	var typed []string
	ended := make(chan error, 1)
	go func() {
		var err error
		typed, err = typePasswords(in, out, prompts)
		ended <- err
	}()
	select {
	case err = <-ended:
	case <-ctx.Done():
		err = ctx.Err()
	}
	_ = term.Restore(int(in.Fd()), before)
	if err != nil {
		fmt.Fprintln(out) // the prompt's line is left
		return nil, err
	}
	return typed, nil
}

// typePasswords reads the passwords on a raw terminal, on which Ctrl-C arrives as a character.
func typePasswords(in io.Reader, out io.Writer, prompts []string) (typed []string, err error) {
	terminal := term.NewTerminal(struct {
		io.Reader
		io.Writer
	}{singly{in}, out}, "")
	for _, prompt := range prompts {
		password, err := terminal.ReadPassword(prompt)
		if errors.Is(err, io.EOF) {
			return nil, context.Canceled
		}
		if err != nil {
			return nil, fmt.Errorf("password: %w", err)
		}
		typed = append(typed, password)
	}
	return typed, nil
}

// singly reads byte by byte, so that what follows a password is left to who reads next.
type singly struct{ io.Reader }

func (s singly) Read(b []byte) (int, error) { return s.Reader.Read(b[:min(len(b), 1)]) }

// Asker asks the user for a password.
type Asker func(ctx context.Context, prompt string) (string, error)

// TerminalAsker asks on a terminal, and shows the prompt on out.
func TerminalAsker(in *os.File, out io.Writer) Asker {
	return func(ctx context.Context, prompt string) (string, error) {
		typed, err := ReadPasswords(ctx, in, out, prompt)
		if err != nil {
			return "", err
		}
		return typed[0], nil
	}
}
