package repl

import (
	"context"
	"fmt"
	"strings"
)

// CommandError is an error of a backslash command. The session has shown it already.
type CommandError struct{ Message string }

func (e *CommandError) Error() string { return e.Message }

// call is a backslash command with its arguments.
type call struct {
	name string
	rest string // everything after the name, as it was written
	args []argument
}

// arg returns an argument, "" when it was not given.
func (c *call) arg(i int) string {
	if i < len(c.args) {
		return c.args[i].text
	}
	return ""
}

// line returns everything after the name without the white space around it.
func (c *call) line() string { return strings.TrimSpace(c.rest) }

// commandFunc runs a backslash command.
type commandFunc func(ctx context.Context, r *scriptRun, c *call) error

// commands are the backslash commands by name; those of the \d family are found by describer.
var commands map[string]commandFunc

func init() {
	commands = map[string]commandFunc{}
	for _, some := range []map[string]commandFunc{generalCommands(), variableCommands(), formatCommands(), bufferCommands(), inputCommands(), sourceCommands(), extendedCommands(), largeObjectCommands(), pipelineCommands()} {
		for names, run := range some {
			for name := range strings.FieldsSeq(names) {
				commands[name] = run
			}
		}
	}
}

// command runs a backslash command.
func (r *scriptRun) command(ctx context.Context, text string) error {
	name, rest := text[1:], ""
	if i := strings.IndexAny(name, " \t\r\f\v"); i >= 0 {
		name, rest = name[:i], name[i:]
	}
	if handled, err := r.conditional(name, rest); handled {
		return err
	}
	if !r.ifs.active() {
		return nil
	}
	if r.restricted != "" && name != "unrestrict" {
		return r.wrong("backslash commands are restricted; only \\unrestrict is allowed")
	}
	run, known := commands[name]
	if !known {
		run, known = describer(name)
	}
	if !known {
		hint := ""
		if r.interactive() {
			hint = "\nTry \\? for help."
		}
		return r.wrong(fmt.Sprintf("invalid command \\%s%s", name, hint))
	}
	c := &call{name: name, rest: rest}
	if !wholeLine(name) {
		var err error
		if c.args, err = splitArguments(rest, r.Variables.Lookup); err != nil {
			return r.wrong(err.Error())
		}
	}
	if err := r.refused(name); err != nil {
		return err
	}
	return run(ctx, r, c)
}

// interactive reports whether the statements are typed.
func (s *Session) interactive() bool { return s.Terminal != nil && s.Terminal.Interactive }

// say prints what a command tells about its effect, unless the session is quiet.
func (r *scriptRun) say(format string, values ...any) error {
	if !r.Quiet {
		fmt.Fprintf(r.stdout(), format+"\n", values...)
	}
	return r.stdout().Flush()
}

// restrict forbids backslash commands until the key is given again. pg_dump puts this around a dump, so that nothing in
// the data can run a command.
func (r *scriptRun) restrict(name string, args []argument) error {
	switch {
	case len(args) == 0:
		return r.wrong(fmt.Sprintf("\\%s: missing required argument", name))
	case name == "restrict":
		r.restricted = args[0].text
	case r.restricted == "":
		return r.wrong("\\unrestrict: not currently in restricted mode")
	case r.restricted != args[0].text:
		return r.wrong("\\unrestrict: wrong key")
	default:
		r.restricted = ""
	}
	return nil
}

// wrong shows an error of a command.
func (r *scriptRun) wrong(text string) error {
	r.Out.Flush()
	prefix := r.prefix()
	if prefix != "" {
		prefix += "error: "
	}
	r.Message(prefix + text + "\n")
	return &CommandError{text}
}
