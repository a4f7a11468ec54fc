package repl

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/pglite-toolbox/pglite/repl/lex"
)

// inputCommands are those that print text and read input.
func inputCommands() []command {
	return []command{
		{
			names: "copy", usage: `\copy ...`, about: "COPY with files and programs of this machine",
			args: many, form: lex.WholeLine, takes: copyArguments, run: copyCommand,
		},
		{
			names: "echo", usage: `\echo [-n] [TEXT]...`, about: "print to standard output",
			args: many, bare: "free text", run: echoCommand,
		},
		{
			names: "qecho", usage: `\qecho [-n] [TEXT]...`, about: `print to where results go`,
			args: many, bare: "free text", run: echoCommand,
		},
		{
			names: "warn", usage: `\warn [-n] [TEXT]...`, about: "print to standard error",
			args: many, bare: "free text", run: echoCommand,
		},
		{
			names: "o out", usage: `\o [FILE]`, about: "send results to a file or |program, or back to standard output",
			args: many, form: lex.Piped, takes: files, run: setOutputCommand,
		},
		{
			names: "!", usage: `\! [COMMAND]`, about: "run a command in the shell, or a shell",
			args: many, form: lex.WholeLine, bare: "the shell's own words", run: escapeCommand,
		},
		{names: "cd", usage: `\cd [DIR]`, about: "change the working directory", args: 1, takes: files, run: cdCommand},
	}
}

// sourceCommands are those that run files.
func sourceCommands() []command {
	return []command{
		{names: "i include", usage: `\i FILE`, about: "run a script", args: 1, takes: files, run: includeCommand},
		{
			names: "ir include_relative", usage: `\ir FILE`, about: "run a script beside the one that runs",
			args: 1, takes: files, run: includeCommand,
		},
		{
			names: "restrict", usage: `\restrict KEY`, about: "allow no backslash commands until the key comes again",
			args: many, form: lex.WholeLine, bare: "a new key", run: restrictCommand,
		},
		{
			names: "unrestrict", usage: `\unrestrict KEY`, about: "allow them again",
			args: many, form: lex.WholeLine, bare: "a secret", run: restrictCommand,
		},
	}
}

// echoCommand prints its arguments.
func echoCommand(_ context.Context, r *scriptRun, c *call) error {
	args, end := c.given, "\n"
	if len(args) > 0 && args[0] == (lex.Argument{Text: "-n"}) {
		args, end = args[1:], ""
	}
	texts := make([]string, len(args))
	for i, arg := range args {
		texts[i] = arg.Text
	}
	line := strings.Join(texts, " ") + end
	w := r.stdout()
	switch c.name {
	case "warn":
		w.Flush()
		r.Message(line)
		return nil
	case "qecho":
		w = r.Out
	}
	w.WriteString(line)
	return w.Flush()
}

func setOutputCommand(_ context.Context, r *scriptRun, c *call) error {
	name := c.arg(0)
	if line := c.line(); strings.HasPrefix(line, "|") {
		name = line
	}
	if err := r.SetOutput(name); err != nil {
		return r.wrong(err.Error())
	}
	return nil
}

// promptCommand asks the user for the value of a variable.
func promptCommand(_ context.Context, r *scriptRun, c *call) error {
	text, name := "", c.arg(0)
	if len(c.given) > 1 {
		text, name = c.arg(0), c.arg(1)
	}
	if name == "" {
		return r.wrong(`\prompt: missing required argument`)
	}
	line, err := r.ask(text)
	if err != nil && (r.name != "" || !errors.Is(err, io.EOF)) { // otherwise psql takes the end of the input for an empty line
		return r.wrong(`\prompt: could not read value for variable`)
	}
	return r.setVariable(name, line)
}

// ask reads a line from the terminal, or else from standard input.
func (s *Session) ask(text string) (string, error) {
	if s.Terminal != nil && s.Terminal.ReadLine != nil {
		s.stdout().Flush()
		return s.Terminal.ReadLine(text, false)
	}
	s.stdout().Flush()
	if s.name != "" {
		s.stdout().WriteString(text)
		s.stdout().Flush()
	} else {
		s.Message(text) // as psql, which asks on the terminal or else on standard error
	}
	in := cmp.Or(s.stdin, s.Input)
	if in == nil {
		return "", os.ErrClosed
	}
	line, err := in.ReadLine()
	return strings.TrimRight(line, "\r\n"), err
}

// escapeCommand runs a command of the shell.
func escapeCommand(_ context.Context, r *scriptRun, c *call) error {
	r.stdout().Flush()
	program := userShell(r.Streams.Getenv)
	if line := c.line(); line != "" {
		program = shellCommand(line, r.Streams.Getenv)
	}
	err := r.Streams.program(program).Run()
	r.noteProgram(program.ProcessState, err != nil)
	if program.ProcessState == nil && err != nil {
		return r.wrong(`\!: failed: ` + err.Error())
	}
	return nil
}

func cdCommand(_ context.Context, r *scriptRun, c *call) error {
	dir := c.arg(0)
	if dir == "" {
		dir = "~"
	}
	if err := r.Streams.Chdir(dir); err != nil {
		return r.wrong(fmt.Sprintf(`\cd: could not change directory to "%s": %v`, dir, reason(err)))
	}
	return nil
}

// includeCommand runs a script; \ir takes its name relative to the script that names it.
func includeCommand(ctx context.Context, r *scriptRun, c *call) error {
	name := c.arg(0)
	if name == "" {
		return r.wrong(fmt.Sprintf(`\%s: missing required argument`, c.name))
	}
	if name == "-" {
		return r.Script(ctx, r.stdin, "")
	}
	path := r.Streams.Path(name)
	if strings.HasPrefix(c.name, "ir") || c.name == "include_relative" {
		if r.name != "" && !filepath.IsAbs(path) {
			path = filepath.Join(filepath.Dir(r.name), path)
		}
	}
	f, err := os.Open(path)
	if err != nil {
		return r.wrong(fileError(path, err).Error())
	}
	defer f.Close()
	if r.interactive() { // where an error ends no more than the script
		goOn := r.Continue
		defer func() { r.Continue = goOn }()
		r.Continue = !r.Variables.flag("ON_ERROR_STOP", false)
	}
	err = r.Script(ctx, lex.NewInput(f), path)
	if errors.Is(err, ErrStop) {
		return nil // it ends that script, not this one
	}
	return err
}
