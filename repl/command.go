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
	*command
	name  string // as it was written
	rest  string // everything after the name, as it was written
	given []lex.Argument
}

// arg returns an argument, "" when it was not given.
func (c *call) arg(i int) string {
	if i < len(c.given) {
		return c.given[i].Text
	}
	return ""
}

// line returns everything after the name without the white space around it.
func (c *call) line() string { return strings.TrimSpace(c.rest) }

// command runs a backslash command. As in psql an error of it leaves the rest of the line out, as that may depend on it.
func (r *scriptRun) command(ctx context.Context, text string) error {
	name, rest := text[1:], ""
	if i := strings.IndexAny(name, " \t\r\f\v"); i >= 0 {
		name, rest = name[:i], name[i:]
	}
	about, known := find(name)
	if !known {
		about = &command{}
	}
	c := &call{command: about, name: name, rest: rest}
	pending, performs := "", r.performs
	if c.sends {
		pending = r.splitter.Pending()
	}
	err := r.runCommand(ctx, c)
	if err != nil && !c.own {
		r.splitter.SkipLine()
	}
	if r.performs == performs && r.unusable == nil {
		r.passOverUnrun(ctx, c, pending)
	}
	return err
}

// runCommand runs the command when this is the time and the place for it.
func (r *scriptRun) runCommand(ctx context.Context, c *call) error {
	if r.restricted != "" && c.name != "unrestrict" { // \if too, whose expression may run a program
		return r.wrong("backslash commands are restricted; only \\unrestrict is allowed")
	}
	if c.branch {
		return c.run(ctx, r, c)
	}
	if c.run == nil {
		hint := ""
		if r.interactive() {
			hint = "\nTry \\? for help."
		}
		return r.wrong(fmt.Sprintf("invalid command \\%s%s", c.name, hint))
	}
	if !r.ifs.active() {
		if r.interactive() {
			r.warn(fmt.Sprintf(`\%s command ignored; use \endif or Ctrl-C to exit current \if block`, c.name))
		}
		return nil
	}
	if c.form != lex.WholeLine {
		var err error
		if c.given, err = r.arguments(c.rest); err != nil {
			return r.wrong(err.Error())
		}
	}
	if err := r.refused(c); err != nil {
		r.splitter.SkipLine()
		return err
	}
	extra := c.cutExtra()
	err := c.run(ctx, r, c)
	r.warnOfExtra(c.name, extra, err)
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
	if c.args != many && c.args < len(c.given) {
		c.given, extra = c.given[:c.args], c.given[c.args:]
	}
	return extra
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

// restrictCommand forbids backslash commands until the key is given again. pg_dump puts this around a dump, so that
// nothing in the data can run a command. So the key is the line as it stands: in an argument `…` would run a program.
func restrictCommand(_ context.Context, r *scriptRun, c *call) error {
	key := strings.TrimRight(c.line(), "; \t")
	switch {
	case key == "":
		return r.wrong(fmt.Sprintf("\\%s: missing required argument", c.name))
	case c.name == "restrict":
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
