package cmd

import (
	"context"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/pglite-toolbox/pglite/dump"
	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/install"
)

func (p *program) dumpCommand() *cli.Command {
	return &cli.Command{
		Name:      "dump",
		Usage:     "write a database as SQL or an archive (pg_dump)",
		UsageText: "pglite dump [--all] [--uri URI] [options of pg_dump] [DATABASE]",
		Description: `Runs PostgreSQL's own pg_dump, or pg_dumpall with --all. All options after "dump" but these are the program's own:

   --all              all databases and roles: pg_dumpall
   --uri URI          dump another PostgreSQL server
   -D, --data DIR     data directory of the cluster
   --runtime DIR|FILE the PostgreSQL runtime

A dump gets its name when it is whole: one that fails or is interrupted leaves no file. pglite dump -- --help shows pg_dump's options.

Examples:
   pglite dump > all.sql
   pglite -D ./data dump --schema-only -f schema.sql
   pglite -D ./data dump -Fc -f shop.dump shop
   pglite -D ./data dump --all -f cluster.sql
   pglite dump --uri postgresql://app@db.example.org/shop -Fd -f shop.dir`,
		Action: p.dump,
	}
}

// dumpArgs are the arguments of dump, taken apart.
type dumpArgs struct {
	all                bool
	uri, data, runtime string
	rest               []string // pg_dump's
	help               bool
}

// parseDump takes pglite's options out of the arguments.
func parseDump(args []string) (d dumpArgs, err error) {
	for i := 0; i < len(args); i++ {
		name, value, joined := strings.Cut(args[i], "=")
		if strings.HasPrefix(name, "-D") && len(name) > 2 {
			name, value, joined = "-D", args[i][2:], true
		}
		to := map[string]*string{"--uri": &d.uri, "-D": &d.data, "--data": &d.data, "--runtime": &d.runtime}[name]
		switch {
		case args[i] == "--":
			d.rest = append(d.rest, args[i+1:]...)
			return d, nil
		case args[i] == "--all":
			d.all = true
		case args[i] == "--help" || args[i] == "-h" && len(args) == 1:
			d.help = true
		case to == nil:
			d.rest = append(d.rest, args[i])
		case joined:
			*to = value
		case i+1 == len(args):
			return d, &usageError{"dump", "option " + name + " needs a value"}
		default:
			i++
			*to = args[i]
		}
	}
	return d, nil
}

func (p *program) dump(c *cli.Context) (err error) {
	d, err := parseDump(c.Args().Slice())
	if err != nil {
		return err
	}
	if d.help {
		return cli.ShowSubcommandHelp(c)
	}
	cfg, err := p.config(c)
	if err != nil {
		return err
	}
	if d.data != "" {
		cfg.DataDir = p.dataDir(d.data)
		p.globals = append(p.globals, "data")
	}
	if d.uri != "" {
		if err := p.wants("dump", "dump --uri", remoteUse...); err != nil {
			return err
		}
	}
	if d.runtime != "" {
		cfg.Runtime = p.streams.path(d.runtime)
	}
	program := "pg_dump"
	if d.all {
		program = "pg_dumpall"
	}
	args, jobs := dump.Alone(program, d.rest)
	p.tellJobs(program, jobs)
	run := dump.Dump{
		All: d.all, Args: args, Dir: p.streams.Dir, Env: p.toolEnv(cfg),
		Stdin: p.streams.In, Stdout: p.streams.Out, Stderr: p.streams.Err, Terminal: p.terminal(),
	}
	return p.withRunner(c.Context, cfg, "dump", d.uri, func(r dump.Runner, env []string) error {
		run.Env = append(run.Env, env...)
		return exited(run.Run(c.Context, r))
	})
}

// withRunner calls f with the server that the program of a command is to connect to: the cluster's, or that of a URI. env is what to
// add to the program's environment.
func (p *program) withRunner(ctx context.Context, cfg clusterConfig, command, uri string, f func(r dump.Runner, env []string) error) (err error) {
	if uri != "" {
		runtime, err := install.ProvideRuntime(ctx, installOptions(cfg).RuntimeOptions)
		if err != nil {
			return err
		}
		remote, err := dump.NewRemote(engine.Config{Runtime: runtime, Mounts: cfg.Mounts, MaxMemory: cfg.MaxMemory, Engine: cfg.Engine, Progress: cfg.Progress}, uri)
		if err != nil {
			return badURI(command, err)
		}
		return f(remote, remote.Env())
	}
	db, err := p.backend.open(ctx, cfg)
	if err != nil {
		return err
	}
	defer closing(db, &err)
	return f(db, nil)
}

// badURI tells why the value of --uri cannot be used. It does not show the value: who knows where its password begins.
func badURI(command string, err error) error {
	text := err.Error()
	if at := strings.LastIndex(text, "`: "); at >= 0 { // after the value
		text = text[at+len("`: "):]
	}
	return &usageError{command, "--uri is no connection URI or string that can be used: " + text}
}
