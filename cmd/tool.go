package cmd

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
	"golang.org/x/term"

	"github.com/pglite-toolbox/pglite/dump"
	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/internal/pgclient"
)

func (p *program) toolCommand() *cli.Command {
	return &cli.Command{
		Name:      "tool",
		Usage:     "run one of PostgreSQL's own programs",
		UsageText: "pglite tool NAME [arguments of the program]",
		Description: `The arguments after NAME are the program's own. The program connects to the cluster by itself. It sees the working
directory and the directories of the files that its arguments name, and no other files of the computer.
When pglite is linked or copied under the name of such a program, it runs as that program.

Examples:
   pglite tool psql -c '\d'
   pglite -D ./data tool pg_dump --schema-only postgres
   pglite tool pgbench --initialize
   pglite -D ./data tool pg_controldata              of a cluster that runs or not
   ln -s pglite psql && ./psql -f script.sql`,
		Action: p.runTool,
	}
}

// access is what a program needs of the cluster.
type access int

const (
	connecting access = iota // a server
	reading                  // files, whoever owns the cluster
	owning                   // all of the cluster, without a server
	nothing
)

// accessOf are the programs that need no server.
var accessOf = map[string]access{
	"pg_controldata": reading, "pg_waldump": reading, "pg_walsummary": reading,
	"pg_checksums": owning, "pg_resetwal": owning, "postgres": owning,
	"initdb": nothing, "pg_verifybackup": nothing, "pg_combinebackup": nothing, "pg_archivecleanup": nothing,
}

// needs returns what a run of the program needs.
func needs(name string, args []string) access {
	if len(args) > 0 && slices.Contains([]string{"--help", "--version", "-V", "-?"}, args[0]) {
		return nothing
	}
	return accessOf[name]
}

// runTool runs a program of the runtime and passes its exit code on.
func (p *program) runTool(c *cli.Context) (err error) {
	if c.NArg() == 0 {
		return &usageError{"tool", "which program? There are " + strings.Join(p.backend.tools(), ", ")}
	}
	cfg, err := p.config(c)
	if err != nil {
		return err
	}
	cfg.ForTool = true
	name, args := c.Args().First(), c.Args().Tail()
	if known := p.backend.tools(); cfg.Runtime == "" && len(known) > 0 && !slices.Contains(known, name) { // before a server is started for it
		return &usageError{"tool", fmt.Sprintf("the runtime has no program %q; there are %s", name, strings.Join(known, ", "))}
	}
	how := needs(name, args)
	if how == connecting || name == "pg_restore" {
		if args, err = p.alone(name, args); err != nil {
			return err
		}
	}
	if how == owning {
		if args, err = p.ownCluster(&cfg, name, args); err != nil {
			return err
		}
	}
	if dir, _ := namedCluster(name, args, p.streams.path); name == "initdb" && dir != "" {
		if err := engine.CheckOwnership(p.streams.path(dir)); err != nil { // initdb takes itself for the owner of everything
			return err
		}
	}
	t, err := p.tool(name, args, p.toolEnv(cfg))
	if err != nil {
		return err
	}
	if how == owning {
		t.ShowReadOnly() // whatever else it is told: what it may write to is locked
	}
	ctx, stop := interruptible(c.Context, &t)
	defer stop()
	if how != connecting && p.backend.offline != nil {
		if err := p.wantsOffline(t.Name); err != nil {
			return err
		}
		return exited(p.backend.offline(ctx, cfg, how, t))
	}
	db, err := p.backend.open(c.Context, cfg)
	if err != nil {
		return err
	}
	defer closing(db, &err)
	return exited(db.RunTool(ctx, t))
}

// alone makes a program do by itself what it would start another process for, which it cannot do here, and says so.
func (p *program) alone(name string, args []string) ([]string, error) {
	args, jobs := dump.Alone(name, args)
	p.tellJobs(name, jobs)
	if name != "pg_basebackup" {
		return args, nil
	}
	switch dump.WALMethod(args) {
	case "f", "fetch", "n", "none":
	case dump.DefaultWALMethod:
		fmt.Fprintln(p.streams.Err, "pglite: pg_basebackup takes the WAL with -X fetch: its default, -X stream, needs a second process, which it cannot start here")
		return append([]string{"-X", "fetch"}, args...), nil
	default:
		return nil, &usageError{"tool", "pg_basebackup -X stream needs a second process, which it cannot start here: use -X fetch"}
	}
	return args, nil
}

// wantsOffline refuses the global options that a program which needs no server has no use for.
func (p *program) wantsOffline(name string) error {
	names, doing := []string{"dbname", "username", "runtime", "env", "mount", "max-memory", "no-attach"}, name+", which uses no cluster,"
	if accessOf[name] != nothing {
		names, doing = append(names, "data"), name+", which uses no server,"
	}
	return p.wants("tool", doing, names...)
}

// tool describes the run of a program with the user's streams, terminal and files.
func (p *program) tool(name string, args, env []string) (engine.Tool, error) {
	t := engine.Tool{
		Name: name, Args: slices.Clone(args), Env: env,
		Stdin: p.streams.In, Stdout: p.streams.Out, Stderr: p.streams.Err, Terminal: p.terminal(),
	}
	dir, err := p.streams.workingDir()
	if err != nil && !errors.Is(err, fs.ErrNotExist) { // it may have been removed
		return t, fmt.Errorf("working directory: %w", err)
	}
	var files []string
	for _, e := range env {
		if name, value, _ := strings.Cut(e, "="); slices.Contains(fileVariables, name) {
			files = append(files, value)
		}
	}
	return t, t.ShowFiles(dir, files...)
}

// terminal describes the user's terminal to a program.
func (p *program) terminal() *engine.Terminal {
	s := p.streams
	return &engine.Terminal{
		Is: [3]bool{s.InTerminal, s.OutTerminal, s.ErrTerminal},
		Size: func() (columns, rows int) {
			for _, f := range []*os.File{os.Stdout, os.Stderr, os.Stdin} {
				if columns, rows, err := term.GetSize(int(f.Fd())); err == nil {
					return columns, rows
				}
			}
			return 80, 24
		},
		Echo: func(on bool) error { return setEcho(int(os.Stdin.Fd()), on) },
	}
}

// exited turns the end of a program into an error. What could not run it names the program itself.
func exited(code int, err error) error {
	if err == nil && code != 0 {
		return exitStatus(code)
	}
	return err
}

// fileVariables name files, which a program is shown. PGPASSFILE comes from --env alone: that of the environment is for other servers.
var fileVariables = []string{"PGPASSFILE", "PSQLRC", "PSQL_HISTORY"}

// configured are variables whose value clusterConfig holds, or that name another cluster's files.
var configured = []string{"PGDATA", "PGDATABASE", "PGUSER"}

// otherVariables are passed to programs beside PG*.
var otherVariables = []string{"PSQLRC", "PSQL_HISTORY", "PSQL_PAGER", "PSQL_WATCH_PAGER", "PAGER", "NO_COLOR", "TERM", "COLUMNS", "LINES", "TZ"}

// toolEnv returns the environment of a program: how it finds the database, and what psql and its like read.
func (p *program) toolEnv(cfg clusterConfig) []string {
	env := append([]string{"PGDATABASE=" + cfg.Database, "PGUSER=" + cfg.User}, cfg.Env...)
	if cfg.Password != "" {
		env = append(env, "PGPASSWORD="+cfg.Password)
	}
	for _, e := range p.streams.environ() {
		name, _, _ := strings.Cut(e, "=")
		libpq := strings.HasPrefix(name, "PG") && !strings.HasPrefix(name, "PGLITE_") && !pgclient.NamesServer(name)
		if libpq && !slices.Contains(configured, name) || slices.Contains(otherVariables, name) {
			env = append(env, e)
		}
	}
	return env
}

// closing closes a cluster and reports an error of that unless there is another already.
func closing(db cluster, err *error) {
	if e := db.Close(); e != nil && *err == nil {
		*err = fmt.Errorf("close the cluster: %w", e)
	}
}
