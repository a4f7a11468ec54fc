package cmd

import (
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/pglite-toolbox/pglite/repl/format"
	"github.com/pglite-toolbox/pglite/repl/lex"
)

func (p *program) extensionCommand() *cli.Command {
	return &cli.Command{
		Name:      "extension",
		Usage:     "list the extensions that CREATE EXTENSION knows",
		UsageText: "pglite extension list [--json]",
		Description: `Lists the extensions of the runtime, their versions, and the versions that the database has.

Examples:
   pglite extension list
   pglite -d shop extension list --json`,
		Flags:  []cli.Flag{&cli.BoolFlag{Name: "json", Usage: "print JSON"}},
		Action: p.extension,
	}
}

const extensionsSQL = `SELECT name, default_version AS version, installed_version AS installed, comment FROM pg_available_extensions ORDER BY name`

func (p *program) extension(c *cli.Context) (err error) {
	if c.NArg() != 1 || c.Args().First() != "list" {
		return &usageError{"extension", "extension knows one thing to do: list"}
	}
	e := &plan{options: format.DefaultOptions(), output: p.streams.Out, stdin: lex.NewInput(strings.NewReader(""))}
	if c.Bool("json") {
		e.options.Format = format.JSON
	}
	s, end, err := p.openPlan(c, e)
	if err != nil {
		return err
	}
	defer end(&err)
	return s.Query(c.Context, extensionsSQL)
}
