package cmd

import (
	"context"
	"io"
	"strings"
)

// sqlHelp asks the psql of the runtime for the syntax of an SQL command, which it knows of its own version of PostgreSQL.
func sqlHelp(ctx context.Context, db cluster, cfg clusterConfig, command string) (string, error) {
	var text strings.Builder
	code, err := db.Run(ctx, "psql", []string{"-X", "-q", "-c", `\h ` + command}, strings.NewReader(""), &text, io.Discard, toolEnv(cfg))
	if err == nil && code != 0 {
		err = exitStatus(code)
	}
	return text.String(), err
}
