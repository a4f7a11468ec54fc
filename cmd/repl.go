package cmd

import (
	"context"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/urfave/cli/v2"
	"golang.org/x/term"

	"github.com/pglite-toolbox/pglite/repl"
)

func (p *program) replCommand() *cli.Command {
	return &cli.Command{
		Name:      "repl",
		Usage:     "type SQL and see the results",
		UsageText: "pglite repl [options]",
		Description: `An interactive terminal with psql's backslash commands, history and completion; \? lists them. When standard input is
no terminal it is run as a script, which by psql's rule goes on after errors unless ON_ERROR_STOP is set.
~/.config/pglite/replrc and ~/.psqlrc are run first, unless -X is given.

Examples:
   pglite repl
   pglite -D ./data repl -d shop
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
	cfg, err := p.config(c)
	if err != nil {
		return err
	}
	db, err := p.backend.open(c.Context, cfg)
	if err != nil {
		return err
	}
	defer closing(db, &err)
	db, endRecord, err := recorded(db, c.String("record"))
	if err != nil {
		return err
	}
	defer endRecord(&err)
	conn, err := connect(c.Context, db, cfg, p.showNotice)
	if err != nil {
		return err
	}
	s := p.session(conn, plan)
	s.Database, s.User, s.PID = cfg.Database, cfg.User, conn.PID
	k := &connector{program: p, db: db, cfg: cfg, plan: plan, conn: conn}
	defer func() { k.conn.close() }()
	s.Connect = k.connect
	s.Help = func(ctx context.Context, command string) (string, error) { return sqlHelp(ctx, db, cfg, command) }
	s.SetDefaults()
	if !interactive {
		return p.replScript(c, s, plan)
	}
	return p.shell(c, s, plan)
}

// replPlan reads the command line. Nothing to run means the shell, or standard input.
func (p *program) replPlan(c *cli.Context) (plan *plan, interactive bool, err error) {
	given := false
	for _, i := range p.items {
		given = given || i.name == "file" || i.name == "command" || i.name == ""
	}
	interactive = !given && p.streams.InTerminal
	streams := p.streams
	p.streams.InTerminal = false // for plan, which would want something to run
	plan, err = p.plan(c)
	p.streams = streams
	if err != nil {
		return nil, false, err
	}
	stop, _ := repl.ParseBool(plan.variables["ON_ERROR_STOP"])
	plan.goOn = !stop
	return plan, interactive, nil
}

// replScript runs a script. As in psql its errors do not show in the exit code unless ON_ERROR_STOP is set.
func (p *program) replScript(c *cli.Context, s *repl.Session, plan *plan) error {
	if err := p.startFiles(c.Context, c, s); err != nil {
		return err
	}
	err := plan.run(c.Context, s)
	if code, _ := explain(err); code == exitScript && s.Continue {
		return nil
	}
	return err
}

// startFiles runs the start files before a script.
func (p *program) startFiles(ctx context.Context, c *cli.Context, s *repl.Session) error {
	for _, name := range startFiles(c) {
		f, err := os.Open(name)
		if err != nil {
			continue
		}
		err = s.Script(ctx, repl.NewInput(f), name)
		_ = f.Close()
		if code, _ := explain(err); code == exitConnection {
			return err
		}
	}
	return nil
}

// startFiles returns the names of the files that a session starts with.
func startFiles(c *cli.Context) (names []string) {
	if c.Bool("no-psqlrc") {
		return nil
	}
	if dir, err := configDir(); err == nil {
		names = append(names, filepath.Join(dir, "pglite", "replrc"))
	}
	if file, set := os.LookupEnv("PSQLRC"); set {
		return append(names, file)
	}
	if home, err := os.UserHomeDir(); err == nil {
		names = append(names, filepath.Join(home, ".psqlrc"))
	}
	return names
}

// shell runs an interactive session. Ctrl-C ends a statement and not the shell, so the signal is taken here; the end of
// the program is another matter.
func (p *program) shell(c *cli.Context, s *repl.Session, plan *plan) error {
	ctx, stop := signal.NotifyContext(context.WithoutCancel(c.Context), syscall.SIGTERM)
	defer stop()
	colors := p.streams.OutTerminal && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	editor := repl.NewEditor(repl.EditorOptions{History: func() (string, int) { return history(s.Variables) }, Complete: s.Complete, Colors: colors})
	defer editor.Close()
	s.Terminal = &repl.Terminal{
		Interactive: true, Screen: p.streams.OutTerminal && plan.output == p.streams.Out, Colors: colors,
		Size: screenSize, History: editor.History,
		ReadLine: func(prompt string, secret bool) (string, error) {
			if secret {
				return editor.ReadSecret(prompt)
			}
			return editor.ReadLine(prompt)
		},
	}
	shell := &repl.Shell{
		Session: s, Lines: editor, StartFiles: startFiles(c),
		Interruptible: func(ctx context.Context) (context.Context, context.CancelFunc) {
			return signal.NotifyContext(ctx, os.Interrupt)
		},
	}
	if !s.Quiet {
		s.Out.WriteString("pglite, PostgreSQL " + conciseVersion(s.Status["server_version"]) + "\nType \"help\" for help.\n\n")
		s.Out.Flush()
	}
	return shell.Run(ctx)
}

// conciseVersion cuts the packager's words off a version.
func conciseVersion(version string) string {
	number, _, _ := strings.Cut(version, " ")
	return number
}

func screenSize() (columns, lines int) {
	columns, lines, err := term.GetSize(int(os.Stdout.Fd()))
	if err != nil {
		return 80, 24
	}
	return columns, lines
}

// history returns the file that keeps the statements typed, and how many, as the variables HISTFILE and HISTSIZE say.
func history(v repl.Variables) (file string, size int) {
	size, _ = v.Number("HISTSIZE")
	if name := v["HISTFILE"]; name != "" {
		return repl.ExpandHome(name), size
	}
	return historyFile(), size
}

// historyFile returns the name of the file in the user's state directory that keeps the statements typed, "" when the
// system names no such directory.
func historyFile() string {
	if name := os.Getenv("PSQL_HISTORY"); name != "" {
		return name
	}
	dir, err := stateDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "pglite", "history")
}
