// Package cmd is pglite's command line: a file for each command, which reads its flags, calls a package that does the
// work, and prints. It is the only package that prints or decides an exit code.
package cmd

import (
	"context"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/pglite-toolbox/pglite/internal/cachedir"
)

// Main runs the program with its arguments, args[0] being its name, and returns the exit code: 0 when all went well, 1
// for an error of its own, 2 when there is no connection to the server or it was lost, 3 for an error in the SQL it was
// given to run. Called by the name of one of the runtime's programs, such as psql, it is that program.
func Main(args []string, s Streams) int {
	useTemp()
	b := production()
	b.announces = true
	return run(args, s, b)
}

// useTemp lets temporary files be where they can be written, also those of libraries. What TMPDIR names may be absent, or another user's.
func useTemp() {
	if dir := cachedir.Env(nil).Temp(); dir != os.TempDir() {
		_ = os.Setenv("TMPDIR", dir)
	}
}

// run is Main over the given implementation of clusters.
func run(args []string, s Streams, b backend) int {
	ctx, stop := notifyContext(context.Background())
	defer stop()
	defer ignoreBrokenPipe()()
	p := &program{streams: s, backend: b}
	return p.exitCode(p.run(ctx, args))
}

// program is one run of pglite.
type program struct {
	streams Streams
	backend backend
	items   []item   // the command's options and arguments, in the order given
	globals []string // the global options given
}

func (p *program) run(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return errors.New("started without a name")
	}
	if name := toolName(args[0]); name != "pglite" && slices.Contains(p.backend.tools(), name) {
		args = append([]string{args[0], "tool", name}, args[1:]...)
	}
	app := p.app()
	line, err := arrange(app.Flags, p.commands(), args)
	if err != nil {
		return err
	}
	p.items, p.globals = line.items, line.globals
	if err := p.checkGlobals(line.command); err != nil {
		return err
	}
	help := &keptError{w: p.streams.Out}
	app.Writer = help
	if err := app.RunContext(ctx, line.ordered); err != nil {
		if line.command == "serve" { // which obeys signals: its exit code says whether the cluster was shut down
			return err
		}
		return bySignal(ctx, err)
	}
	return help.err
}

// keptError keeps the first error of writing help, of which package cli does not tell.
type keptError struct {
	w   io.Writer
	err error
}

// Write implements io.Writer.
func (k *keptError) Write(b []byte) (int, error) {
	n, err := k.w.Write(b)
	if k.err == nil {
		k.err = err
	}
	return n, err
}

// toolName returns the name under which the program was called.
func toolName(arg0 string) string {
	return strings.TrimSuffix(strings.ToLower(filepath.Base(arg0)), ".exe")
}

// app describes the command line.
func (p *program) app() *cli.App {
	return &cli.App{
		Name:      "pglite",
		Usage:     "PostgreSQL in one file",
		UsageText: "pglite [global options] command [options] [arguments]",
		Description: `Options may stand before and after the command and its arguments. After the name of another program (serve, tool) and
after dump they are that program's.

Examples:
   pglite exec "SELECT version()"                    the default cluster, made on first use
   pglite -D ./data exec -f schema.sql               a cluster in a directory of your choice
   pglite -D memory: exec "SELECT 1"                 one that lives as long as the command
   pglite tool psql                                  PostgreSQL's own programs`,
		Flags:                     globalFlags(p.streams),
		Commands:                  ofPackageCLI(p.commands()),
		Action:                    p.noCommand,
		HideVersion:               true,
		HideHelpCommand:           true,
		DisableSliceFlagSeparator: true,
		Writer:                    p.streams.Out,
		ErrWriter:                 p.streams.Err,
		ExitErrHandler:            func(*cli.Context, error) {}, // exitCode deals with errors, in one place
		OnUsageError: func(_ *cli.Context, err error, _ bool) error {
			return &usageError{message: err.Error()}
		},
	}
}

// command is a subcommand, with what package cli has no place for.
type command struct {
	*cli.Command
	optionsUntil int               // options end before the argument of this number: the rest is for another program
	refused      map[string]string // options that others might expect, and why there are none
}

// anywhere lets options stand after any number of arguments.
const anywhere = math.MaxInt

// commands are the subcommands.
func (p *program) commands() []command {
	all := []command{{p.initCommand(), anywhere, refusedByInit}, {p.execCommand(), anywhere, nil}, {p.replCommand(), anywhere, nil}}
	all = append(all, command{p.serveCommand(), 1, nil}, command{p.toolCommand(), 1, nil}, command{p.dumpCommand(), 0, nil})
	for _, c := range []*cli.Command{
		p.restoreCommand(), p.backupCommand(), p.hexdumpCommand(), p.extensionCommand(), p.doctorCommand(),
		p.infoCommand(), p.cacheCommand(), p.completionCommand(), p.manCommand(), p.versionCommand(),
	} {
		all = append(all, command{c, anywhere, nil})
	}
	return all
}

// ofPackageCLI returns the commands without a subcommand "help" or "h" of their own, because that is an argument like others.
func ofPackageCLI(commands []command) (all []*cli.Command) {
	for _, c := range commands {
		c.HideHelpCommand = true
		all = append(all, c.Command)
	}
	return all
}

// noCommand runs when no command was given.
func (p *program) noCommand(c *cli.Context) error {
	if c.Bool("version") {
		return p.printVersions(c)
	}
	return &usageError{message: "no command given"}
}
