package cmd

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"

	"github.com/urfave/cli/v2"

	"github.com/pglite-toolbox/pglite/internal/cachedir"
	"github.com/pglite-toolbox/pglite/repl"
	"github.com/pglite-toolbox/pglite/repl/edit"
	"github.com/pglite-toolbox/pglite/repl/format"
	"github.com/pglite-toolbox/pglite/repl/lex"
)

func (p *program) replCommand() *cli.Command {
	return &cli.Command{
		Name:      "repl",
		Usage:     "type SQL and see the results",
		UsageText: "pglite repl [options] [DATABASE|URI [USER]]",
		Description: `An interactive terminal with psql's backslash commands, history and completion; \? lists them. When standard input is
no terminal it is run as a script, which by psql's rule goes on after errors unless ON_ERROR_STOP is set. Its exit codes
are psql's: 1 when the last -c fails, 2 when there is no connection or it is lost, 3 when ON_ERROR_STOP ends a script.
~/.config/pglite/replrc and ~/.psqlrc are run first, unless -X is given.

Examples:
   pglite repl
   pglite -D ./data repl shop
   pglite repl -X < script.sql`,
		Flags:  execFlags(),
		Action: p.repl,
	}
}

// repl runs a shell on a terminal, and a script otherwise or when the command line says what to run.
func (p *program) repl(c *cli.Context) (err error) {
	plan, interactive, err := p.replPlan(c)
	if err != nil {
		return err
	}
	defer plan.close(&err)
	s, end, err := p.openPlan(c, plan)
	if err != nil {
		return err
	}
	defer end(&err)
	if !interactive {
		return p.replScript(c, s, plan)
	}
	return p.shell(c, s, plan)
}

// replPlan reads the command line. Nothing to run means the shell, or standard input.
func (p *program) replPlan(c *cli.Context) (plan *plan, interactive bool, err error) {
	if err := p.replTarget(c); err != nil {
		return nil, false, err
	}
	given := false
	for _, i := range p.items {
		given = given || i.name == "file" || i.name == "command" || i.name == "list"
	}
	interactive = !given && p.streams.InTerminal
	streams := p.streams
	p.streams.InTerminal = false // for plan, which would want something to run
	plan, err = p.plan(c)
	p.streams = streams
	if plan != nil {
		plan.stdin.Typed = streams.InTerminal
	}
	if usage := (*usageError)(nil); errors.As(err, &usage) {
		usage.command = "repl"
	}
	if err != nil {
		return nil, false, err
	}
	stop, _ := format.ParseBool(plan.variables["ON_ERROR_STOP"])
	plan.goOn = !stop
	return plan, interactive, nil
}

// replTarget takes the arguments, which are as in psql the names of the database and the user, off the items.
func (p *program) replTarget(c *cli.Context) error {
	arguments := c.Args().Slice()
	if len(arguments) > 2 {
		return &usageError{"repl", "repl takes a database and a user; the third argument is one too many. SQL to run is given with -c"}
	}
	p.items = slices.DeleteFunc(p.items, func(i item) bool { return i.name == "" })
	for i, name := range arguments {
		option := []string{"dbname", "username"}[i]
		if err := c.Set(option, name); err != nil {
			return err
		}
		p.globals = append(p.globals, option)
	}
	return nil
}

// replScript runs a script. As in psql its errors do not show in the exit code unless ON_ERROR_STOP is set, and those of
// -c only in the last one, as 1.
func (p *program) replScript(c *cli.Context, s *repl.Session, plan *plan) error {
	if err := p.startFiles(c.Context, c, s); err != nil {
		return err
	}
	err := plan.run(c.Context, s)
	if code, _ := explain(err); code != exitScript && !plan.notConnected {
		return err
	}
	switch {
	case plan.commandFailed:
		return exitStatus(exitFailure)
	case s.Continue && !plan.notConnected:
		return nil
	}
	return err
}

// startFiles runs the start files before a script.
func (p *program) startFiles(ctx context.Context, c *cli.Context, s *repl.Session) error {
	for _, name := range p.startFileNames(c, s.Status["server_version"]) {
		f, err := os.Open(name)
		if err != nil {
			continue
		}
		err = s.Script(ctx, lex.NewInput(f), name)
		_ = f.Close()
		if code, _ := explain(err); code == exitConnection {
			return err
		}
	}
	return nil
}

// startFileNames returns the names of the files that a session starts with.
func (p *program) startFileNames(c *cli.Context, version string) (names []string) {
	if c.Bool("no-psqlrc") {
		return nil
	}
	if name := p.streams.replrc(); name != "" {
		names = append(names, name)
	}
	if file, set := p.streams.lookupEnv("PSQLRC"); set {
		return append(names, ofVersion(p.streams.expanded(file), version))
	}
	if home := p.streams.dirs().Home(); home != "" {
		names = append(names, ofVersion(filepath.Join(home, ".psqlrc"), version))
	}
	return names
}

// expanded returns where a file is that the user has named in a variable, where ~ is the home directory.
func (s Streams) expanded(name string) string {
	streams := s.ofPrograms()
	return streams.Path(name)
}

// ofVersion returns the start file for the version: NAME-18.6, NAME-18 or NAME, whichever is there first.
func ofVersion(name, version string) string {
	number := conciseVersion(version)
	major, _, _ := strings.Cut(number, ".")
	for _, suffix := range []string{"-" + number, "-" + major} {
		if f, err := os.Open(name + suffix); err == nil {
			_ = f.Close()
			return name + suffix
		}
	}
	return name
}

// shell runs an interactive session. Ctrl-C ends a statement and not the shell, so the signal is taken here; the end of
// the program is another matter.
func (p *program) shell(c *cli.Context, s *repl.Session, plan *plan) error {
	ctx, stop := signal.NotifyContext(context.WithoutCancel(c.Context), syscall.SIGTERM)
	defer stop()
	able := p.streams.OutTerminal && p.streams.getenv("TERM") != "dumb"
	colors := able && p.streams.colors()
	o := edit.Options{
		History: func() (string, int) { return p.streams.history(s.Variables) }, MakeDir: cachedir.MakeAll,
		Complete: s.Complete, Colors: colors,
	}
	if p.streams.Out != os.Stdout { // to which the editor writes what older consoles of Windows understand too
		o.Screen = p.streams.Out
	}
	if able && runtime.GOOS != "windows" { // whose consoles send no text but events
		o.Keyboard = keyboard{ctx, os.Stdin}
	}
	editor := edit.New(o)
	defer func() {
		if err := editor.Close(); err != nil { // as in psql it does not show in the exit code
			fmt.Fprintf(p.streams.Err, "pglite: %v\n", err)
		}
	}()
	var lines interface {
		repl.LineReader
		answer(prompt string, secret bool) (string, error)
	} = typedLines{editor, ctx}
	history := editor.History
	if in, ok := p.streams.In.(*os.File); ok && c.Bool("no-readline") {
		plain, stop := newPlainLines(ctx, in, p.streams.Out)
		defer stop()
		lines, history = plain, nil
	}
	s.Terminal = &repl.Terminal{
		Interactive: true, Screen: p.streams.OutTerminal && plan.output == p.streams.Out, Keyboard: true, Colors: colors,
		Size: p.streams.screenSize, History: history, ReadLine: lines.answer,
	}
	shell := &repl.Shell{
		Session: s, Lines: lines, StartFiles: p.startFileNames(c, s.Status["server_version"]),
		Interruptible: func(ctx context.Context) (context.Context, context.CancelFunc) {
			return signal.NotifyContext(ctx, os.Interrupt)
		},
	}
	if !s.Quiet {
		s.Out.WriteString("pglite, PostgreSQL " + conciseVersion(s.Status["server_version"]) + "\nType \"help\" for help.\n\n")
		s.Out.Flush()
	}
	if err := shell.Run(ctx); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return &signalError{int(syscall.SIGTERM)}
	}
	return nil
}

// conciseVersion cuts the packager's words off a version.
func conciseVersion(version string) string {
	number, _, _ := strings.Cut(version, " ")
	return number
}

// history returns the file that keeps the statements typed, and how many, as the variables HISTFILE and HISTSIZE say.
func (s Streams) history(v repl.Variables) (file string, size int) {
	size, _ = v.Number("HISTSIZE")
	if name := v["HISTFILE"]; name != "" {
		return s.expanded(name), size
	}
	return s.historyFile(), size
}

// historyFile returns the name of the file in the user's state directory that keeps the statements typed, "" when the
// system names no such directory.
func (s Streams) historyFile() string {
	if name := s.getenv("PSQL_HISTORY"); name != "" {
		return name
	}
	dir, err := s.dirs().State()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "history")
}
