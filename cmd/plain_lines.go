package cmd

import (
	"bufio"
	"context"
	"io"
	"os"
	"os/signal"
	"strings"

	"github.com/pglite-toolbox/pglite/internal/pgclient"
	"github.com/pglite-toolbox/pglite/repl/lex"
)

// plainLines reads lines as the terminal's own editing gives them, for --no-readline. It implements repl.LineReader.
type plainLines struct {
	ctx     context.Context // its end is the end of the input
	in      *os.File
	out     io.Writer
	lines   chan typedLine
	signals chan os.Signal
	reading bool // a line was asked for and did not come yet
	ask     chan struct{}
}

type typedLine struct {
	text string
	err  error
}

// newPlainLines returns a reader of the terminal. Call stop when no more lines are wanted.
func newPlainLines(ctx context.Context, in *os.File, out io.Writer) (p *plainLines, stop func()) {
	p = &plainLines{ctx: ctx, in: in, out: out, lines: make(chan typedLine, 1), signals: make(chan os.Signal, 1), ask: make(chan struct{}, 1)}
	signal.Notify(p.signals, os.Interrupt)
	go p.read()
	return p, func() {
		signal.Stop(p.signals)
		close(p.ask)
	}
}

// read reads a line each time that one is asked for, so that none is taken from other programs that read the terminal.
func (p *plainLines) read() {
	in := bufio.NewReader(p.in)
	for range p.ask {
		text, err := in.ReadString('\n')
		if text != "" {
			err = nil // a last line may have no end
		}
		p.lines <- typedLine{strings.TrimRight(text, "\r\n"), err}
	}
}

// ReadLine implements repl.LineReader.
func (p *plainLines) ReadLine(prompt string) (string, error) {
	select {
	case <-p.signals: // for the statement before
	default:
	}
	if _, err := io.WriteString(p.out, prompt); err != nil {
		return "", err
	}
	if !p.reading {
		p.reading = true
		p.ask <- struct{}{}
	}
	select {
	case line := <-p.lines:
		p.reading = false
		return line.text, line.err
	case <-p.signals: // the terminal has dropped what was typed
		_, _ = io.WriteString(p.out, "\n")
		return "", lex.ErrInterrupt
	case <-p.ctx.Done():
		return "", lex.ErrInterrupt
	}
}

// ReadText implements repl.LineReader.
func (p *plainLines) ReadText(prompt string) (string, error) { return p.ReadLine(prompt) }

// Add implements repl.LineReader: no history is kept.
func (p *plainLines) Add(string) {}

// answer reads a line that is no statement.
func (p *plainLines) answer(prompt string, secret bool) (string, error) {
	if !secret {
		return p.ReadLine(prompt)
	}
	typed, err := pgclient.ReadPasswords(p.ctx, p.in, p.out, prompt)
	if err != nil {
		return "", err
	}
	return typed[0], nil
}
