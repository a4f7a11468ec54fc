package repl

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/pglite-toolbox/pglite/repl/lex"
)

// CommandError is an error of a backslash command. The session has shown it already.
type CommandError struct{ Message string }

func (e *CommandError) Error() string { return e.Message }

// call is a backslash command with its arguments.
type call struct {
	name string
	rest string // everything after the name, as it was written
	args []lex.Argument
}

// arg returns an argument, "" when it was not given.
func (c *call) arg(i int) string {
	if i < len(c.args) {
		return c.args[i].Text
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

// command runs a backslash command. As in psql the rest of the line of one that fails is left out, as it may depend on it.
func (r *scriptRun) command(ctx context.Context, text string) error {
	name, rest := text[1:], ""
	if i := strings.IndexAny(name, " \t\r\f\v"); i >= 0 {
		name, rest = name[:i], name[i:]
	}
	pending, performs := "", r.performs
	if isSending(name) {
		pending = r.splitter.Pending()
	}
	err := r.runCommand(ctx, name, rest)
	if err != nil && !strings.Contains(sending, " "+name+" ") {
		r.splitter.SkipLine()
	}
	if r.performs == performs && r.unusable == nil {
		r.passOverUnrun(ctx, name, rest, pending)
	}
	return err
}

// sending are the commands that send the statement collected: what follows them is a statement of its own.
const sending = " g gx gset gexec gdesc crosstabview "

// isSending reports whether a command sends the statement collected and executes it.
func isSending(name string) bool {
	switch name {
	case "g", "gx", "gset", "gexec", "crosstabview", "watch", "parse", "sendpipeline":
		return true
	}
	return false
}

// runCommand finds the command and runs it.
func (r *scriptRun) runCommand(ctx context.Context, name, rest string) error {
	if r.restricted != "" && name != "unrestrict" { // \if too, whose expression may run a program
		return r.wrong("backslash commands are restricted; only \\unrestrict is allowed")
	}
	if handled, err := r.conditional(name, rest); handled {
		if (name == "else" || name == "endif") && !strings.Contains(rest, "`") { // to warn is no reason to run a program
			args, _ := lex.SplitArguments(rest, lex.Expansion{})
			r.warnOfExtra(name, args, err)
		}
		return err
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
	if !r.ifs.active() {
		if r.interactive() {
			r.warn(fmt.Sprintf(`\%s command ignored; use \endif or Ctrl-C to exit current \if block`, name))
		}
		return nil
	}
	c := &call{name: name, rest: rest}
	if !lex.WholeLine(name) {
		var err error
		if c.args, err = r.arguments(rest); err != nil {
			return r.wrong(err.Error())
		}
	}
	if err := r.refused(name); err != nil {
		r.splitter.SkipLine()
		return err
	}
	extra := c.cutExtra()
	err := run(ctx, r, c)
	r.warnOfExtra(name, extra, err)
	if errors.Is(err, errNotRun) {
		return nil
	}
	return err
}

// warnOfExtra tells of arguments that a command did not want, unless it went wrong.
func (r *scriptRun) warnOfExtra(name string, extra []lex.Argument, err error) {
	if wrong := (*CommandError)(nil); errors.As(err, &wrong) {
		return
	}
	for _, arg := range extra {
		r.warn(fmt.Sprintf(`\%s: extra argument "%s" ignored`, name, arg.Text))
	}
}

// cutExtra takes the arguments that the command does not want off it.
func (c *call) cutExtra() (extra []lex.Argument) {
	if most := mostArguments(c.name); most >= 0 && most < len(c.args) {
		c.args, extra = c.args[:most], c.args[most:]
	}
	return extra
}

// mostArguments returns how many arguments a command takes, -1 for any number.
func mostArguments(name string) int {
	switch name {
	case "bind", "bind_named", "echo", "qecho", "warn", "set", "watch", "g", "gx", "o", "out", "w", "write":
		return -1
	case "a", "conninfo", "copyright", "errverbose", "gdesc", "gexec", "H", "html", "p", "print", "q", "quit", "r", "reset",
		"startpipeline", "sendpipeline", "syncpipeline", "endpipeline", "flush", "flushrequest":
		return 0
	case "edit", "e", "getenv", "setenv", "prompt", "pset", "lo_import", "lo_export":
		return 2
	case "crosstabview":
		return 4
	case "c", "connect":
		return 5
	}
	switch {
	case lex.WholeLine(name), strings.HasPrefix(name, "df"), strings.HasPrefix(name, "do"):
		return -1
	case name == "drds", strings.HasPrefix(name, "dA") && strings.Trim(name[2:], "+x") != "":
		return 2
	}
	return 1
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
// the data can run a command. So the key is the line as it stands: in an argument `…` would run a program.
func (r *scriptRun) restrict(name, line string) error {
	key := strings.TrimRight(line, "; \t")
	switch {
	case key == "":
		return r.wrong(fmt.Sprintf("\\%s: missing required argument", name))
	case name == "restrict":
		r.restricted = key
	case r.restricted == "":
		return r.wrong("\\unrestrict: not currently in restricted mode")
	case r.restricted != key:
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

// warn shows a warning.
func (r *scriptRun) warn(text string) {
	r.Out.Flush()
	prefix := r.prefix()
	if prefix != "" {
		prefix += "warning: "
	}
	r.Message(prefix + text + "\n")
}

// unheard does something of which the session's user hears nothing.
func (s *Session) unheard(do func()) {
	message := s.Message
	defer func() { s.Message = message }()
	s.Message = func(string) {}
	do()
}
