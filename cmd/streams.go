package cmd

import (
	"io"
	"os"

	"golang.org/x/term"
)

// Streams are the program's input and outputs, and whether each of them is a terminal.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer

	InTerminal, OutTerminal, ErrTerminal bool
}

// Standard returns the streams that the program was started with.
func Standard() Streams {
	terminal := func(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }
	return Streams{
		In: os.Stdin, Out: os.Stdout, Err: os.Stderr,
		InTerminal: terminal(os.Stdin), OutTerminal: terminal(os.Stdout), ErrTerminal: terminal(os.Stderr),
	}
}
