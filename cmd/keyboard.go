package cmd

import (
	"context"
	"io"

	"github.com/pglite-toolbox/pglite/repl/edit"
	"github.com/pglite-toolbox/pglite/repl/lex"
)

// keyboard reads what is typed, and its end when ctx ends. The read that waits then is left behind, so that it is for the end of the program.
type keyboard struct {
	ctx context.Context
	in  io.Reader
}

// Read implements io.Reader.
func (k keyboard) Read(b []byte) (int, error) {
	typed := make([]byte, len(b)) // b is not for a read that is left behind
	var n int
	read := make(chan error, 1)
	go func() {
		var err error
		n, err = k.in.Read(typed)
		read <- err
	}()
	select {
	case err := <-read:
		return copy(b, typed[:n]), err
	case <-k.ctx.Done():
		return 0, io.EOF
	}
}

// typedLines are the lines typed before ctx ends. The editor takes the end of the keyboard for Enter, but half a line is not to be run.
type typedLines struct {
	*edit.Editor
	ctx context.Context
}

// ReadLine implements repl.LineReader.
func (t typedLines) ReadLine(prompt string) (string, error) { return t.read(t.Editor.ReadLine, prompt) }

// answer reads a line that is no statement.
func (t typedLines) answer(prompt string, secret bool) (string, error) {
	if secret {
		return t.read(t.ReadSecret, prompt)
	}
	return t.read(t.ReadText, prompt)
}

func (t typedLines) read(read func(string) (string, error), prompt string) (string, error) {
	line, err := read(prompt)
	if t.ctx.Err() != nil {
		return "", lex.ErrInterrupt
	}
	return line, err
}
