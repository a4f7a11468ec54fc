package cmd

import (
	"cmp"
	"fmt"
	"os"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/pglite-toolbox/pglite/engine"
)

// globalFlags are the options of every command.
func globalFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "data", Aliases: []string{"D"}, EnvVars: []string{"PGLITE_DATA"}, Usage: "data directory `DIR` of the cluster, or memory: for a cluster that is gone afterwards"},
		&cli.StringFlag{Name: "dbname", Aliases: []string{"d"}, EnvVars: []string{"PGDATABASE"}, Value: "postgres", Usage: "`NAME` of the database"},
		&cli.StringFlag{Name: "username", Aliases: []string{"U"}, EnvVars: []string{"PGUSER"}, Value: "postgres", Usage: "`NAME` of the database user"},
		&cli.StringFlag{Name: "runtime", Usage: "take the PostgreSQL runtime from `DIR|FILE`"},
		&cli.StringSliceFlag{Name: "env", Usage: "set an environment variable of the server, `NAME=VALUE`; repeatable"},
		&cli.StringSliceFlag{Name: "mount", Usage: "let the server see a directory, `HOSTDIR:GUESTDIR[:ro]`; repeatable"},
		&cli.StringSliceFlag{Name: "set", Usage: "set a server parameter for this run, `NAME=VALUE`; repeatable"},
		&cli.BoolFlag{Name: "no-attach", Usage: "fail when another process runs the server, in place of using that one"},
		&cli.BoolFlag{Name: "verbose", Aliases: []string{"v"}, Usage: "show the server's log and progress (before the command)"},
		&cli.BoolFlag{Name: "version", Usage: "print the versions of pglite, PostgreSQL and wazero"},
	}
}

// config returns what the global options say about the cluster.
func (p *program) config(c *cli.Context) (clusterConfig, error) {
	cfg := clusterConfig{
		DataDir: c.String("data"), Runtime: c.String("runtime"),
		Database: cmp.Or(c.String("dbname"), "postgres"), User: cmp.Or(c.String("username"), "postgres"),
		Env: c.StringSlice("env"), NoAttach: c.Bool("no-attach"),
	}
	for _, variable := range cfg.Env {
		if name, _, ok := strings.Cut(variable, "="); !ok || name == "" {
			return cfg, &usageError{message: fmt.Sprintf("--env %q is not NAME=VALUE", variable)}
		}
	}
	for _, mount := range c.StringSlice("mount") {
		m, err := engine.ParseMount(mount)
		if err != nil {
			return cfg, &usageError{message: "--" + err.Error()}
		}
		cfg.Mounts = append(cfg.Mounts, m)
	}
	for _, parameter := range c.StringSlice("set") {
		name, value, ok := strings.Cut(parameter, "=")
		if !ok || name == "" {
			return cfg, &usageError{message: fmt.Sprintf("--set %q is not NAME=VALUE", parameter)}
		}
		if cfg.Settings == nil {
			cfg.Settings = map[string]string{}
		}
		cfg.Settings[name] = value
	}
	if c.Bool("verbose") {
		cfg.Log = p.streams.Err
	}
	if c.Bool("verbose") || p.streams.ErrTerminal {
		cfg.Progress = func(text string) { fmt.Fprintf(p.streams.Err, "pglite: %s\n", text) }
	}
	return cfg, nil
}

// applicationName is how sessions of this program appear in pg_stat_activity.
func applicationName() string { return cmp.Or(os.Getenv("PGAPPNAME"), "pglite") }
