package cmd

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/pglite-toolbox/pglite/internal/pgclient"
	"github.com/pglite-toolbox/pglite/repl"
	"github.com/pglite-toolbox/pglite/repl/format"
	"github.com/pglite-toolbox/pglite/repl/lex"
)

// plan is what the command line of exec asks for.
type plan struct {
	steps      []step
	options    format.Options
	variables  repl.Variables
	parameters []string
	quiet      bool
	single     bool // one transaction
	goOn       bool // after an error
	stdin      *lex.Input
	output     io.Writer
	log        io.Writer
	redirect   string            // |COMMAND that the results go to
	noPassword bool              // nobody is asked for one
	target     pgclient.Keywords // of a connection string, nil when there is none
	progress   *scriptProgress
	closers    []io.Closer

	last          error // of the step that was run last
	commandFailed bool  // it was a command, not a script
	notConnected  bool  // a \c failed
}

// step is one of the things to run.
type step struct {
	run     func(context.Context, *repl.Session) error
	command bool // given with -c, or as an argument
}

// plan reads the command line. It opens the files, so that a mistyped name ends the command before anything was done.
func (p *program) plan(c *cli.Context) (e *plan, err error) {
	target, err := p.target(c)
	if err != nil {
		return nil, err
	}
	progress, in := newScriptProgress(p.streams), p.streams.In
	if !p.streams.InTerminal { // what is typed has no progress to show
		in = progress.over(in, "<stdin>")
	}
	e = &plan{
		options: format.DefaultOptions(), variables: repl.Variables{}, output: p.streams.Out, progress: progress,
		stdin:      lex.NewInput(in),
		parameters: c.StringSlice("parameter"), quiet: c.Bool("quiet"), single: c.Bool("single-transaction"), noPassword: c.Bool("no-password"),
	}
	e.target = target
	e.stdin.Typed = p.streams.InTerminal
	if e.quiet {
		e.variables["QUIET"] = "on"
	}
	for _, i := range p.items {
		if err := p.planItem(e, i); err != nil {
			e.close(&err)
			return nil, err
		}
	}
	e.goOn = e.goOn || c.Bool("continue")
	if len(e.steps) == 0 {
		if p.streams.InTerminal {
			return nil, &usageError{"exec", "nothing to run: give SQL as an argument, with -c or -f, or on standard input"}
		}
		e.steps = append(e.steps, step{run: e.script(e.stdin, "")})
	}
	return e, nil
}

// target returns what the connection string says that stands for the database's name, nil when none does. It may hold a
// password, so it is not repeated, and is given as psql takes it: with -d or as the first argument, not in PGDATABASE.
func (p *program) target(c *cli.Context) (pgclient.Keywords, error) {
	text, given := c.String("dbname"), slices.Contains(p.globals, "dbname")
	isArgument := func(i item) bool { return i.name == "" }
	if first := slices.IndexFunc(p.items, isArgument); first >= 0 && pgclient.IsURI(p.items[first].value) { // of exec; no SQL looks like that
		text, given = p.items[first].value, true
		p.items = slices.Delete(p.items, first, first+1)
	}
	if !pgclient.IsConnectionString(text) {
		return nil, nil
	}
	if !given {
		return nil, &usageError{"exec", "PGDATABASE is a connection string: give the database's name there, or the string with -d"}
	}
	settings, err := pgclient.ParseKeywords(text)
	if err != nil {
		return nil, &usageError{"exec", err.Error()}
	}
	if settings["user"] == "" && c.IsSet("username") {
		settings["user"] = c.String("username")
	}
	if settings.Elsewhere() && c.IsSet("record") {
		return nil, &usageError{"exec", "--record keeps what is said on pglite's own clusters, not to another server"}
	}
	return settings, c.Set("dbname", "postgres")
}

// planItem adds one option or argument to the plan.
func (p *program) planItem(e *plan, i item) error {
	if known, err := printOption(&e.options, i); known {
		if err != nil {
			return &usageError{"exec", err.Error()}
		}
		return nil
	}
	if variable, known := variableFlags[i.name]; known {
		e.variables[variable[0]] = variable[1]
		return nil
	}
	switch {
	case i.name == "list":
		e.steps = append(e.steps, step{e.query(`\l`), true})
	case i.name == "file", i.name == "" && i.value == "-":
		return p.planScript(e, i.value)
	case i.name == "command", i.name == "":
		e.steps = append(e.steps, step{e.query(i.value), true})
	case i.name == "variable":
		name, value, given := strings.Cut(i.value, "=")
		if !given {
			e.variables.Unset(name)
		} else if err := e.variables.Set(name, value); err != nil {
			return &usageError{"exec", err.Error()}
		}
		if on, _ := format.ParseBool(e.variables[name]); name == "ON_ERROR_STOP" {
			e.goOn = !on
		}
	case i.name == "log-file":
		f, err := os.OpenFile(p.streams.path(i.value), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			return fmt.Errorf("write the log: %w", err)
		}
		e.log = f
		e.closers = append(e.closers, f)
	case i.name == "output" && strings.HasPrefix(i.value, "|"):
		e.redirect = i.value
	case i.name == "output":
		f, err := os.Create(p.streams.path(i.value))
		if err != nil {
			return fmt.Errorf("write the results: %w", err)
		}
		e.output = f
		e.closers = append(e.closers, f)
	}
	return nil
}

// variableFlags are the options that set a variable.
var variableFlags = map[string][2]string{
	"echo-all": {"ECHO", "all"}, "echo-errors": {"ECHO", "errors"}, "echo-queries": {"ECHO", "queries"}, "echo-hidden": {"ECHO_HIDDEN", "on"},
	"single-step": {"SINGLESTEP", "on"}, "single-line": {"SINGLELINE", "on"},
}

func (p *program) planScript(e *plan, name string) error {
	f, shown, err := p.openScript(name)
	if err != nil {
		return err
	}
	e.closers = append(e.closers, f)
	in := e.stdin
	if name != "-" {
		in = lex.NewInput(e.progress.over(f, shown))
	}
	e.steps = append(e.steps, step{run: e.script(in, shown)})
	return nil
}

// query returns the step that sends a query string as it is. One that starts with a backslash is a command, as in psql.
func (e *plan) query(sql string) func(context.Context, *repl.Session) error {
	if strings.HasPrefix(sql, `\`) {
		return func(ctx context.Context, s *repl.Session) error { return s.Command(ctx, sql) }
	}
	return func(ctx context.Context, s *repl.Session) error { return s.Query(ctx, sql) }
}

func (e *plan) script(in *lex.Input, name string) func(context.Context, *repl.Session) error {
	return func(ctx context.Context, s *repl.Session) error { return s.Script(ctx, in, name) }
}

// close closes the files and reports an error of that, which a full disk may bring, unless there is another already.
func (e *plan) close(err *error) {
	if e.progress != nil {
		e.progress.clear() // what ended the run is told next
	}
	for _, c := range e.closers {
		if e := c.Close(); e != nil && *err == nil {
			*err = e
		}
	}
}
