package repl

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/pglite-toolbox/pglite/repl/lex"
)

// copyCall is \copy, taken apart.
type copyCall struct {
	what    string // the relation with its columns, or the query
	from    bool
	place   string // a file, stdin, stdout, pstdin or pstdout
	program bool   // place is a command
	quoted  bool   // place stood in quotes, so that it is a file whatever its name
	options string
}

// parseCopy reads what follows \copy (https://www.postgresql.org/docs/18/app-psql.html#APP-PSQL-META-COMMANDS-COPY).
func parseCopy(text string) (c copyCall, err error) {
	rest := strings.TrimRight(text, "; \t")
	var what []string
	for {
		word, after := copyWord(rest)
		lower := strings.ToLower(word)
		switch {
		case word == "" && what == nil:
			return c, errors.New(`\copy: arguments required`)
		case word == "":
			return c, errors.New(`\copy: parse error at end of line`)
		}
		rest = after
		if len(what) > 0 && (lower == "from" || lower == "to") {
			c.from = lower == "from"
			break
		}
		what = append(what, word)
	}
	if strings.EqualFold(what[0], "binary") && len(what) > 1 {
		what, c.options = what[1:], "(FORMAT binary)"
	}
	c.what = strings.Join(what, " ")
	place, after := copyWord(rest)
	if strings.EqualFold(place, "program") {
		c.program = true
		place, after = copyWord(after)
	}
	if place == "" {
		return c, errors.New(`\copy: parse error at end of line`)
	}
	if c.quoted = place[0] == '\''; c.quoted {
		place = strings.ReplaceAll(strings.TrimSuffix(place[1:], "'"), "''", "'")
	}
	if c.program && !c.quoted {
		return c, fmt.Errorf(`\copy: parse error at "%s"`, place)
	}
	c.place = place
	if options := strings.TrimSpace(after); options != "" {
		c.options = options
	}
	return c, nil
}

// copyWord returns the first word of text, with what is in quotes or parentheses, and what follows it.
func copyWord(text string) (word, rest string) {
	text = strings.TrimLeft(text, " \t\r\n")
	depth, quote := 0, byte(0)
	for i := range len(text) {
		switch c := text[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '\'' || c == '"':
			quote = c
		case c == '(':
			if depth == 0 && i > 0 {
				return text[:i], text[i:]
			}
			depth++
		case c == ')':
			if depth--; depth == 0 {
				return text[:i+1], text[i+1:]
			}
		case depth == 0 && strings.IndexByte(" \t\r\n", c) >= 0:
			return text[:i], text[i:]
		}
	}
	return text, ""
}

// sql returns the COPY that the server runs.
func (c *copyCall) sql() string {
	direction := "TO STDOUT"
	if c.from {
		direction = "FROM STDIN"
	}
	return strings.TrimSpace("COPY " + c.what + " " + direction + " " + c.options)
}

// copyCommand is \copy: COPY with a file of this machine.
func copyCommand(ctx context.Context, r *scriptRun, c *call) error {
	copying, err := parseCopy(c.line())
	if err != nil {
		return r.wrong(err.Error())
	}
	if copying.from {
		return r.copyFrom(ctx, copying)
	}
	if copying.standard() {
		out := r.Out
		if copying.programs() {
			out = r.stdout()
		}
		return r.perform(ctx, copying.sql(), how{out: out})
	}
	name := copying.place
	if copying.program {
		name = "|" + name
	}
	d, err := r.open(name)
	if err != nil {
		return r.wrong(err.Error())
	}
	r.stdout().Flush()
	err = r.perform(ctx, copying.sql(), how{out: d.Writer, tags: r.Out})
	if e := d.end(); e != nil && err == nil {
		return r.wrong(copying.place + ": " + e.Error())
	}
	return err
}

// standard reports whether the place is the script or the results' destination, or the program's own input or output.
func (c *copyCall) standard() bool {
	return !c.quoted && !c.program && slices.Contains([]string{"stdin", "stdout", "pstdin", "pstdout"}, strings.ToLower(c.place))
}

// programs reports whether a standard place is the program's own input or output.
func (c *copyCall) programs() bool { return c.place[0] == 'p' || c.place[0] == 'P' }

// standardInput returns where data comes from that comes from a standard place.
func (r *scriptRun) standardInput(c copyCall) *lex.Input {
	if c.programs() {
		return r.stdin
	}
	return r.Input
}

func (r *scriptRun) copyFrom(ctx context.Context, c copyCall) error {
	if c.standard() {
		return r.perform(ctx, c.sql(), how{copies: &copies{left: 1, data: r.standardInput(c)}})
	}
	data, end, err := r.openCopy(ctx, c)
	if err != nil {
		return r.wrong(err.Error())
	}
	defer context.AfterFunc(ctx, func() { _ = data.Close() })() // which ends to wait for it
	err = r.perform(ctx, c.sql(), how{copies: &copies{left: 1, data: lex.NewInput(data)}})
	if e := end(); e != nil && err == nil {
		return r.wrong(c.place + ": " + e.Error())
	}
	return err
}

// programPatience is how long a program that is interrupted has to end before it is killed.
const programPatience = time.Second

// openCopy opens the file, or starts the program, that the data comes from. The program ends with ctx.
func (r *scriptRun) openCopy(ctx context.Context, c copyCall) (data io.ReadCloser, end func() error, err error) {
	if !c.program {
		f, err := os.Open(r.Streams.Path(c.place))
		if err != nil {
			return nil, nil, fileError(c.place, err)
		}
		return f, func() error { _ = f.Close(); return nil }, nil
	}
	shell := shellCommand(c.place, r.Streams.Getenv)
	program := r.Streams.program(exec.CommandContext(ctx, shell.Path, shell.Args[1:]...))
	program.SysProcAttr, program.Stdin, program.Stdout = shell.SysProcAttr, nil, nil
	program.Cancel, program.WaitDelay = func() error { return program.Process.Signal(os.Interrupt) }, programPatience
	pipe, err := program.StdoutPipe()
	if err != nil {
		return nil, nil, err
	}
	if err := program.Start(); err != nil {
		return nil, nil, fileError(c.place, err)
	}
	return pipe, func() error {
		_ = pipe.Close() // when the server wants no more
		return ending(program.Wait())
	}, nil
}

// ending returns what psql says about how a program ended, nil when it was well.
func ending(err error) error {
	if exited := (*exec.ExitError)(nil); errors.As(err, &exited) && exited.ExitCode() >= 0 {
		switch code := exited.ExitCode(); code {
		case 126:
			return errors.New("command not executable")
		case 127:
			return errors.New("command not found")
		default:
			return fmt.Errorf("child process exited with exit code %d", code)
		}
	}
	return err
}
