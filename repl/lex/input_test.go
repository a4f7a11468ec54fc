package lex

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
)

// TestReadLine reads lines with line ends of all sorts.
func TestReadLine(t *testing.T) {
	t.Parallel()
	in := NewInput(strings.NewReader("\uFEFFfirst\r\n\n\uFEFFthird\nlast"))
	for i, want := range []string{"first\r\n", "\n", "\uFEFFthird\n", "last"} {
		if line, err := in.ReadLine(); err != nil || line != want || in.Line() != i+1 {
			t.Errorf("line %d: got %q, error %v", in.Line(), line, err)
		}
	}
	if line, err := in.ReadLine(); !errors.Is(err, io.EOF) || line != "" || in.Line() != 4 {
		t.Errorf("at the end: got %q, error %v", line, err)
	}
}

// TestReadLineContextEnds waits for input that never comes until its context ends.
func TestReadLineContextEnds(t *testing.T) {
	t.Parallel()
	r, w := io.Pipe()
	defer w.Close()
	in := NewInput(r)
	go func() { _, _ = w.Write([]byte("one\ntwo\nhalf")) }()
	ctx, stop := context.WithCancelCause(t.Context())
	for _, want := range []string{"one\n", "two\n"} {
		if line, err := in.ReadLineContext(ctx); err != nil || line != want {
			t.Errorf("got %q, error %v, want %q", line, err, want)
		}
	}
	why := errors.New("the user has had enough")
	stop(why)
	if line, err := in.ReadLineContext(ctx); !errors.Is(err, why) || line != "" {
		t.Errorf("got %q, error %v", line, err)
	}
}
