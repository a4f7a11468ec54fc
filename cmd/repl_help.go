package cmd

import (
	"context"
	"io"
	"strings"

	"github.com/urfave/cli/v2"
)

// psqlHelp asks the psql of the runtime what it says to \h or \?, of its own version of PostgreSQL.
func (p *program) psqlHelp(ctx context.Context, db cluster, cfg clusterConfig, command string) (string, error) {
	var text strings.Builder
	code, err := db.Run(ctx, "psql", []string{"-X", "-q", "-c", command}, strings.NewReader(""), &text, io.Discard, p.toolEnv(cfg))
	if err == nil && code != 0 {
		err = exitStatus(code)
	}
	return text.String(), err
}

// commandUsage returns what --help prints.
func commandUsage(c *cli.Context) string {
	var text strings.Builder
	cli.HelpPrinter(&text, cli.CommandHelpTemplate, c.Command)
	return text.String()
}
