package cmd

import (
	"cmp"
	"fmt"

	"github.com/urfave/cli/v2"
)

func (p *program) versionCommand() *cli.Command {
	return &cli.Command{
		Name:        "version",
		Usage:       "print the versions of pglite, PostgreSQL and wazero",
		UsageText:   "pglite version",
		Description: "Examples:\n   pglite version\n   pglite --runtime ./runtime version",
		Action:      p.printVersions,
	}
}

// printVersions prints a line for each of the parts that the program is made of.
func (p *program) printVersions(c *cli.Context) error {
	postgres, err := p.backend.postgresVersion(c.String("runtime"))
	if err != nil {
		return fmt.Errorf("read the version of PostgreSQL: %w", err)
	}
	_, err = fmt.Fprintf(p.streams.Out, "pglite %s\nPostgreSQL %s\nwazero %s\n",
		cmp.Or(moduleVersion(""), "(devel)"), postgres, moduleVersion("github.com/tetratelabs/wazero"))
	return err
}
