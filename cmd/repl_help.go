package cmd

import (
	"context"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/pglite-toolbox/pglite/engine"
)

// psqlHelp asks the psql of the runtime what it says to \h or \?, of its own version of PostgreSQL.
func (p *program) psqlHelp(ctx context.Context, db cluster, cfg clusterConfig, command string) (string, error) {
	var text strings.Builder
	psql := engine.Tool{Name: "psql", Args: []string{"-X", "-q", "-c", command}, Env: p.toolEnv(cfg), Stdout: &text}
	code, err := db.RunTool(ctx, psql)
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
