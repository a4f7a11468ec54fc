package repl

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/pglite-toolbox/pglite/repl/lex"
)

// LineReader reads lines that are typed.
type LineReader interface {
	// ReadLine shows the prompt and returns the line typed, without its line end. It returns ErrInterrupt for Ctrl-C and
	// io.EOF for Ctrl-D on an empty line.
	ReadLine(prompt string) (string, error)
	// ReadText is ReadLine for a line that is no statement, in which nothing is completed.
	ReadText(prompt string) (string, error)
	// Add adds a statement to the history.
	Add(statement string)
}

// Shell is a session that is typed into.
type Shell struct {
	*Session
	Lines LineReader
	// Interruptible returns a context that ends when the user presses Ctrl-C while a statement runs.
	Interruptible func(context.Context) (context.Context, context.CancelFunc)
	// StartFiles are run before the first prompt, when they exist.
	StartFiles []string

	typed strings.Builder // the lines of the statement, for the history
	last  string          // what was put into the history last
}

// Run reads and runs statements until the user leaves. It returns a *ConnectionError when the connection was lost and
// there is no Connect to make it again. Errors of statements have been shown.
func (s *Shell) Run(ctx context.Context) error {
	s.setDefaults()
	s.Continue = true
	s.recorder()
	r := s.newRun(nil)
	s.collected = func() string { return r.splitter.Pending() + "\n" }
	s.Input = lex.NewInput(&copyReader{shell: s, run: r})
	s.Input.Typed, s.pasted = true, &r.splitter
	if err := s.start(ctx); err != nil || ctx.Err() != nil {
		return err
	}
	endings := 0
	for ctx.Err() == nil {
		line, err := s.Lines.ReadLine(r.prompt())
		if errors.Is(err, io.EOF) && endings+1 < s.Variables.number("IGNOREEOF") {
			endings++
			if err := r.say(`Use "\q" to leave %s.`, s.Program); err != nil {
				return err
			}
			continue
		}
		endings = 0
		switch {
		case errors.Is(err, lex.ErrInterrupt):
			s.discard(r)
			continue
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("read from the terminal: %w", err)
		}
		if err := s.line(ctx, r, line+"\n"); err != nil {
			if errors.Is(err, ErrStop) {
				return nil
			}
			return err
		}
	}
	return nil
}

// start runs the start files.
func (s *Shell) start(ctx context.Context) error {
	for _, name := range s.StartFiles {
		f, err := os.Open(name)
		if err != nil {
			continue
		}
		ctx, stop := s.Interruptible(ctx)
		err = s.Script(ctx, lex.NewInput(f), name)
		stop()
		_ = f.Close()
		if isLost(err) {
			return err
		}
	}
	return nil
}

// discard forgets the statement being typed.
func (s *Shell) discard(r *scriptRun) {
	r.splitter = lex.Splitter{Variable: r.splitter.Variable, Form: formOf}
	s.typed.Reset()
	if n := len(r.ifs); n > 0 {
		r.ifs = r.ifs[:n-1]
		s.Message("\\if: escaped\n")
	}
}

// line runs what a line completes.
func (s *Shell) line(ctx context.Context, r *scriptRun, line string) error {
	s.typed.WriteString(line)
	line, advice := plainWord(line, r.splitter.State())
	if advice != "" {
		s.stdout().WriteString(advice + "\n")
		s.stdout().Flush()
	}
	r.feed(line)
	for {
		seg, ok := r.splitter.Next()
		if !ok {
			break
		}
		if seg.Text == "" {
			continue
		}
		s.remember(r)
		if err := s.segment(ctx, r, seg); err != nil {
			return err
		}
	}
	if r.splitter.State() == lex.Ready {
		s.remember(r)
	}
	return nil
}

// plainWord turns the words that a newcomer leaves with, or asks for help with, into the command for it. In a statement
// they belong to that; then it returns what to do in their place.
func plainWord(line string, state lex.State) (command, advice string) {
	word := strings.TrimRight(line, " \t\r\n")
	if rest := strings.TrimRight(strings.TrimSuffix(word, ";"), " \t"); rest != "" {
		word = rest
	}
	inside := state == lex.InSingleQuote || state == lex.InDoubleQuote || state == lex.InDollarQuote || state == lex.InComment
	switch word := strings.ToLower(word); {
	case word == "help" && state == lex.Ready:
		return "\\?\n", ""
	case word == "help":
		return line, `Use \? for help or press control-C to clear the input buffer.`
	case (word == "quit" || word == "exit") && state == lex.Ready:
		return "\\q\n", ""
	case inside && (word == "quit" || word == "exit" || word == `\q`):
		return line, "Use control-D to quit."
	case word == "quit" || word == "exit":
		return line, `Use \q to quit.`
	}
	return line, ""
}

// remember puts what was typed into the history, whole.
func (s *Shell) remember(r *scriptRun) {
	text := strings.TrimRight(s.typed.String(), "\n")
	s.typed.Reset()
	control := s.Variables["HISTCONTROL"]
	if strings.TrimSpace(text) == "" || text[0] == ' ' && (control == "ignorespace" || control == "ignoreboth") ||
		text == s.last && (control == "ignoredups" || control == "ignoreboth") {
		return
	}
	s.last = text
	s.Lines.Add(text)
}

// segment runs a statement or a command that Ctrl-C ends.
func (s *Shell) segment(ctx context.Context, r *scriptRun, seg lex.Segment) error {
	running, stop := s.Interruptible(ctx)
	defer stop()
	r.first = nil
	s.Continue = true
	usable := s.unusable == nil
	err := r.segment(running, seg)
	if usable && isLost(s.unusable) { // an error that was shown may have come first
		err = s.unusable
	}
	var failed *QueryError
	var wrong *CommandError
	switch {
	case isLost(err):
		return s.reconnect(ctx, r, err)
	case err == nil, errors.As(err, &failed), errors.As(err, &wrong):
		return nil
	case errors.Is(err, context.Canceled) && ctx.Err() == nil:
		return nil
	case errors.Is(err, ErrStop):
		return err
	}
	s.Message(err.Error() + "\n")
	return nil
}

// reconnect connects again after the connection was lost. When that fails the shell stays, for \c and for what was
// typed.
func (s *Shell) reconnect(ctx context.Context, r *scriptRun, lost error) error {
	if s.Connect == nil {
		return lost
	}
	s.Message("The connection to the server was lost. Attempting reset: ")
	if err := s.Connect(ctx, s.Session, Target{Reuse: true}); err != nil {
		s.Message("Failed.\n" + strings.TrimRight(err.Error(), "\n") + "\n")
		s.discard(r)
		return nil // the next statement tries again
	}
	s.Message("Succeeded.\n")
	s.tx, s.unusable, s.pipe = 'I', nil, nil
	s.describeConnection()
	s.discard(r)
	return nil
}

// copyReader reads the data of COPY … FROM STDIN that is typed.
type copyReader struct {
	shell *Shell
	run   *scriptRun
	rest  []byte
}

func (c *copyReader) Read(p []byte) (int, error) {
	if len(c.rest) == 0 {
		line, _ := c.run.splitter.TakeLine()
		c.rest = []byte(line)
	}
	if len(c.rest) == 0 {
		line, err := c.shell.Lines.ReadText(c.run.expandPrompt(c.shell.Variables["PROMPT3"], lex.Ready))
		if err != nil {
			return 0, err // which for ErrInterrupt means that the data is not to be kept
		}
		c.rest = []byte(line + "\n")
	}
	n := copy(p, c.rest)
	c.rest = c.rest[n:]
	return n, nil
}

// copyHint is shown before data for COPY is typed.
const copyHint = "Enter data to be copied followed by a newline.\nEnd with a backslash and a period on a line by itself, or an EOF signal.\n"

// hintCopy tells the user how data is typed.
func (x *exchange) hintCopy(w *bufio.Writer) {
	if x.interactive() && x.script == nil && !x.Quiet {
		w.WriteString(copyHint)
		w.Flush()
	}
}
