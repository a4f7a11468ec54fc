package repl

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/pglite-toolbox/pglite/repl/lex"
)

// ErrStop is what a script returns when \q ends it.
var ErrStop = errors.New("the script ended itself")

// Script runs the statements of a script one by one, and its backslash commands. With a name its messages are preceded
// by "PROGRAM:NAME:LINE: ", where the line is the one on which the statement ends. COPY … FROM STDIN takes its data
// from the script.
//
// It stops at the first error unless Continue is set, and returns the first error in both cases, as Query does.
func (s *Session) Script(ctx context.Context, in *lex.Input, name string) error {
	if s.stdin == nil {
		s.stdin = s.Input
	}
	input, script, outer := s.Input, s.script, s.name
	defer func() { s.Input, s.script, s.name = input, script, outer }()
	s.Input, s.script, s.name = in, in, name
	r := s.newRun(in.ReadLineContext)
	if err := r.lines(ctx); err != nil {
		return err
	}
	return r.first
}

// Command runs backslash commands as psql runs what is given with -c: data for COPY comes from the session's input.
func (s *Session) Command(ctx context.Context, text string) error {
	r := s.newRun(lex.NewInput(strings.NewReader(text)).ReadLineContext)
	if err := r.lines(ctx); err != nil {
		return err
	}
	return r.first
}

// newRun returns a run of what read returns.
func (s *Session) newRun(read func(context.Context) (string, error)) *scriptRun {
	if s.Variables == nil {
		s.Variables = Variables{}
	}
	if s.stdin == nil {
		s.stdin = s.Input
	}
	r := &scriptRun{Session: s, read: read}
	r.splitter.Form = formOf
	r.splitter.Variable = func(name string, quote byte) (string, bool) {
		if !r.ifs.active() {
			return "", false
		}
		if quoted := quote == '\'' || quote == '"'; quoted && s.Options.Encoding.Hides(s.Variables[name]) {
			s.Message(s.prefix() + "variable \"" + name + "\" cannot be quoted in the client encoding " + s.Status["client_encoding"] + ": use UTF8\n")
			return "", false
		}
		return s.Variables.Lookup(name, quote)
	}
	return r
}

// scriptRun is a script while it runs.
type scriptRun struct {
	*Session
	read     func(context.Context) (string, error) // the next line
	splitter lex.Splitter
	ifs      conditions
	first    error // the first error of the server
}

func (r *scriptRun) lines(ctx context.Context) error {
	for {
		line, err := r.read(ctx)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("read the script: %w", err)
		}
		if r.Variables["ECHO"] == "all" && !r.interactive() && (strings.TrimRight(line, "\r\n") != "" || r.splitter.Quoting()) {
			r.Out.WriteString(strings.TrimRight(line, "\r\n") + "\n")
		}
		r.feed(line)
		for seg, ok := r.splitter.Next(); ok; seg, ok = r.splitter.Next() {
			if err := r.segment(ctx, seg); err != nil {
				return err
			}
		}
	}
	if rest, ok := r.splitter.Flush(); ok && rest.Text != "" {
		if err := r.segment(ctx, rest); err != nil {
			return err
		}
	}
	if len(r.ifs) > 0 {
		return r.failed(ctx, r.wrong("reached EOF without finding closing \\endif(s)"))
	}
	return nil
}

// feed gives the splitter a line.
func (r *scriptRun) feed(line string) {
	r.splitter.BackslashQuotes = r.Status["standard_conforming_strings"] == "off"
	r.splitter.Lines = r.Variables.flag("SINGLELINE", false)
	r.splitter.Feed(line)
}

// segment runs a statement or a command. It returns an error when the script has to stop.
func (r *scriptRun) segment(ctx context.Context, seg lex.Segment) error {
	var err error
	switch {
	case seg.Kind == lex.Command:
		err = r.command(ctx, seg.Text)
	case r.ifs.active():
		r.previous = seg.Text
		err = r.Query(ctx, seg.Text)
		if r.Variables["ECHO"] == "errors" && err != nil {
			r.Message(r.prefix() + "STATEMENT:  " + seg.Text + "\n")
		}
	case r.interactive():
		r.Message("query ignored; use \\endif or Ctrl-C to exit current \\if block\n")
		fallthrough
	default:
		r.passOver(ctx, r.copiesOf(seg.Text)) // so that a \endif in it does not end what is not run
	}
	return r.failed(ctx, err)
}

// confirmed asks whether a statement shall be run.
func (s *Session) confirmed(sql string) bool {
	s.stdout().WriteString("/**(Single step mode: verify command)******************************************/\n" + sql +
		"\n/**(press return to proceed or enter x and return to cancel)*******************/\n")
	line, err := s.ask("")
	return (err == nil || errors.Is(err, io.EOF)) && !strings.HasPrefix(line, "x")
}

// failed notes an error and returns it when the script has to stop.
func (r *scriptRun) failed(ctx context.Context, err error) error {
	var failed *QueryError
	var wrong *CommandError
	if !errors.As(err, &failed) && !errors.As(err, &wrong) {
		return err
	}
	if r.first == nil {
		r.first = err
	}
	if r.Continue && ctx.Err() == nil {
		return nil
	}
	return err
}
