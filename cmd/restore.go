package cmd

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/pglite-toolbox/pglite/dump"
	"github.com/pglite-toolbox/pglite/engine"
)

// pgRestoreFlags are options of pg_restore (https://www.postgresql.org/docs/18/app-pgrestore.html).
func pgRestoreFlags() []cli.Flag {
	toggle := func(name, short, usage string) cli.Flag {
		f := &cli.BoolFlag{Name: name, Usage: usage}
		if short != "" {
			f.Aliases = []string{short}
		}
		return f
	}
	values := func(name, short, usage string) cli.Flag {
		f := &cli.StringSliceFlag{Name: name, Usage: usage}
		if short != "" {
			f.Aliases = []string{short}
		}
		return f
	}
	return []cli.Flag{
		toggle("data-only", "a", "restore only the data"),
		toggle("schema-only", "s", "restore only the schema"),
		toggle("clean", "c", "drop what is to be restored first"),
		toggle("if-exists", "", "use IF EXISTS when dropping"),
		toggle("create", "C", "create the database"),
		toggle("no-owner", "O", "do not restore who owns what"),
		toggle("no-privileges", "x", "do not restore grants"),
		toggle("list", "l", "show the table of contents, restore nothing"),
		toggle("disable-triggers", "", "disable triggers while data alone is restored"),
		toggle("no-comments", "", "do not restore comments"),
		toggle("no-publications", "", "do not restore publications"),
		toggle("no-subscriptions", "", "do not restore subscriptions"),
		toggle("no-tablespaces", "", "do not restore tablespaces"),
		values("jobs", "j", "taken for compatibility: one process restores, whatever the `NUMBER`"),
		values("use-list", "L", "restore what a table of contents in `FILE` lists"),
		values("table", "t", "restore this `TABLE`; repeatable"),
		values("schema", "n", "restore what is in this `SCHEMA`; repeatable"),
		values("exclude-schema", "N", "restore nothing of this `SCHEMA`; repeatable"),
		values("index", "I", "restore this `INDEX`; repeatable"),
		values("function", "P", "restore this `FUNCTION(args)`; repeatable"),
		values("trigger", "T", "restore this `TRIGGER`; repeatable"),
		values("section", "", "restore this `SECTION`: pre-data, data or post-data; repeatable"),
		values("role", "", "SET `ROLE` before restoring"),
	}
}

func (p *program) restoreCommand() *cli.Command {
	return &cli.Command{
		Name:      "restore",
		Usage:     "load a dump (psql, pg_restore)",
		UsageText: "pglite restore [options] FILE|-",
		Description: `Loads what pg_dump and pg_dumpall write: SQL (also compressed with gzip, xz or bzip2), archives and directories. It
stops at the first error; with -1 nothing of the dump stays then. With --continue it goes on, and the exit code after
errors is 3 (SQL) or 1 (archives and directories).

A dump reads and writes no files: psql's commands in it are refused, except those that pg_dump writes. exec -f runs
scripts. A dump that is cut short is an error. pg_restore does not notice that in a directory without compression, or
with LZ4 or Zstandard.

Examples:
   pglite restore all.sql
   pglite -D ./data restore -1 -d shop shop.dump
   pglite restore --no-owner --clean --if-exists shop.dir
   ssh db pg_dump shop | pglite -d shop restore -`,
		Flags: append([]cli.Flag{
			&cli.BoolFlag{Name: "single-transaction", Aliases: []string{"1"}, Usage: "restore all or nothing"},
			&cli.BoolFlag{Name: "continue", Usage: "go on after errors"},
			&cli.BoolFlag{Name: "create-roles", Usage: "create the roles that the dump names and that are not there, without a password"},
			&cli.StringFlag{Name: "uri", Usage: "restore into another PostgreSQL server"},
		}, pgRestoreFlags()...),
		Action: p.restore,
	}
}

func (p *program) restore(c *cli.Context) error {
	name := c.Args().First()
	switch {
	case c.NArg() == 0 && !p.streams.InTerminal:
		name = "-"
	case c.NArg() != 1:
		return &usageError{"restore", fmt.Sprintf("restore takes one file, or - for standard input; %d are given", c.NArg())}
	}
	args, jobs := dump.Alone("pg_restore", p.pgRestoreArgs())
	p.tellJobs("pg_restore", jobs)
	if err := p.checkRestore(c.Bool("list"), c.String("uri") != ""); err != nil {
		return err
	}
	cfg, err := p.config(c)
	if err != nil {
		return err
	}
	r := dump.Restore{
		File: name, Dir: p.streams.Dir, Database: cfg.Database, User: cfg.User, Args: args, Env: p.toolEnv(cfg),
		Single: c.Bool("single-transaction"), Continue: c.Bool("continue"), CreateRoles: c.Bool("create-roles"),
		Stdin: p.streams.In, Stdout: p.streams.Out, Stderr: p.streams.Err,
	}
	if p.streams.ErrTerminal {
		progress := &restoreProgress{w: p.streams.Err}
		defer progress.end()
		r.Progress, r.Stderr = progress.show, progress
	}
	if c.Bool("list") && p.backend.offline != nil {
		return exited(r.Run(c.Context, offlineRunner{p, cfg}))
	}
	return p.withRunner(c.Context, cfg, "restore", c.String("uri"), func(to dump.Runner, env []string) error {
		for _, e := range env {
			if name, ok := strings.CutPrefix(e, "PGDATABASE="); ok && name != "" && !c.IsSet("dbname") {
				r.Database = name
			}
			if name, ok := strings.CutPrefix(e, "PGUSER="); ok {
				r.User = name
			}
		}
		r.Env = append(r.Env, env...)
		return exited(r.Run(c.Context, to))
	})
}

// tellJobs says that one process does what several were asked for.
func (p *program) tellJobs(program string, jobs int) {
	if jobs > 1 {
		fmt.Fprintf(p.streams.Err, "pglite: %s runs as one process, not as %d: it can start no other here\n", program, jobs)
	}
}

// checkRestore refuses what would be dropped.
func (p *program) checkRestore(list, uri bool) error {
	switch {
	case list && uri:
		return &usageError{"restore", "restore --list connects to no server: leave --uri out"}
	case list:
		return p.wants("restore", "restore --list", remoteUse...)
	case uri:
		return p.wants("restore", "restore --uri", append([]string{"dbname"}, remoteUse...)...)
	}
	return nil
}

// offlineRunner runs a program that needs no server.
type offlineRunner struct {
	p   *program
	cfg clusterConfig
}

func (o offlineRunner) RunTool(ctx context.Context, t engine.Tool) (int, error) {
	return o.p.backend.offline(ctx, o.cfg, nothing, t)
}

// pgRestoreArgs returns the options that are pg_restore's.
func (p *program) pgRestoreArgs() (args []string) {
	flags := pgRestoreFlags()
	for _, i := range p.items {
		at := slices.IndexFunc(flags, func(f cli.Flag) bool { return i.name != "" && f.Names()[0] == i.name })
		switch {
		case at < 0:
		case takesValue(flags[at]):
			args = append(args, "--"+i.name+"="+i.value)
		default:
			args = append(args, "--"+i.name)
		}
	}
	return args
}
