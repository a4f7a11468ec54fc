package cmd

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"github.com/urfave/cli/v2"

	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/internal/pgclient"
)

// globalFlags are the options of every command.
func globalFlags(s Streams) []cli.Flag {
	fromEnvironment := func(variable string, f cli.StringFlag) cli.Flag { return &environmentFlag{f, variable, s.lookupEnv} }
	return []cli.Flag{
		fromEnvironment("PGLITE_DATA", cli.StringFlag{Name: "data", Aliases: []string{"D"}, Usage: "data directory `DIR` of the cluster, or memory: for a cluster that is gone afterwards; PGDATA is not used"}),
		fromEnvironment("PGDATABASE", cli.StringFlag{Name: "dbname", Aliases: []string{"d"}, Value: "postgres", Usage: "`NAME` of the database"}),
		fromEnvironment("PGUSER", cli.StringFlag{Name: "username", Aliases: []string{"U"}, Value: "postgres", Usage: "`NAME` of the database user"}),
		&cli.StringFlag{Name: "runtime", Usage: "take the PostgreSQL runtime from `DIR|FILE`"},
		&cli.StringSliceFlag{Name: "env", Usage: "set an environment variable of the server, `NAME=VALUE`; repeatable"},
		&cli.StringSliceFlag{Name: "mount", Usage: "let the server see a directory, `HOSTDIR:GUESTDIR[:ro]`; repeatable"},
		&cli.StringSliceFlag{Name: "set", Usage: "set a server parameter for this run, `NAME=VALUE`; repeatable"},
		&cli.StringFlag{Name: "max-memory", Usage: "let no process of the server have more memory than `SIZE`, such as 512MB; at most, and by default, 2GB"},
		fromEnvironment("PGLITE_ENGINE", cli.StringFlag{Name: "engine", Value: engine.EngineAuto, Usage: "run PostgreSQL as machine code or by wazero, `native|wazero|auto`"}),
		&cli.BoolFlag{Name: "no-attach", Usage: "fail when another process runs the server, instead of using it"},
		&cli.BoolFlag{Name: "verbose", Aliases: []string{"v"}, Usage: "show the server's log and progress (before the command; after exec or repl, -v sets a variable as in psql)"},
		&cli.BoolFlag{Name: "version", Aliases: []string{"V"}, Usage: "print the versions of pglite, PostgreSQL and wazero"},
	}
}

// config returns what the global options say about the cluster.
func (p *program) config(c *cli.Context) (clusterConfig, error) {
	cfg := clusterConfig{
		DataDir: p.dataDir(c.String("data")), Runtime: p.streams.path(c.String("runtime")),
		Database: cmp.Or(c.String("dbname"), "postgres"), User: cmp.Or(c.String("username"), "postgres"),
		Env: c.StringSlice("env"), NoAttach: c.Bool("no-attach"), TimeZone: p.streams.getenv("TZ"), Engine: c.String("engine"),
	}
	if err := engine.CheckEngine(cfg.Engine); err != nil {
		return cfg, &usageError{message: "--engine: " + err.Error()}
	}
	if pgclient.IsConnectionString(cfg.Database) { // which may hold a password, so it is not repeated
		return cfg, &usageError{message: "the database is given as a connection string: give its name; --uri, where a command has it, names other servers"}
	}
	for _, variable := range cfg.Env {
		if name, _, ok := strings.Cut(variable, "="); !ok || name == "" {
			return cfg, &usageError{message: fmt.Sprintf("--env %q is not NAME=VALUE", variable)}
		}
	}
	if size := c.String("max-memory"); c.IsSet("max-memory") {
		var err error
		if cfg.MaxMemory, err = parseMemory(size); err != nil {
			return cfg, &usageError{message: "--max-memory " + err.Error()}
		}
	}
	for _, mount := range c.StringSlice("mount") {
		m, err := engine.ParseMount(mount)
		if err != nil {
			return cfg, &usageError{message: "--" + err.Error()}
		}
		m.Host = p.streams.path(m.Host)
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
	if p.streams.getenv("PGDATA") != "" {
		cfg.Unused = "; PGDATA is not used: name its cluster with -D or PGLITE_DATA"
	}
	cfg.Notice = func(text string) { fmt.Fprintf(p.streams.Err, "pglite: %s\n", text) }
	switch {
	case c.Bool("verbose") || p.streams.ErrTerminal:
		cfg.Progress = cfg.Notice
	case p.backend.announces:
		cfg.Progress = onceFirst(cfg.Notice)
	}
	return cfg, nil
}

// onceFirst passes on the first word of work that is done only once on a machine. It may take a minute, which needs a reason in a log, too.
func onceFirst(notice func(string)) func(string) {
	var once sync.Once
	return func(text string) {
		if strings.HasSuffix(text, "(only the first time)") {
			once.Do(func() { notice(text) })
		}
	}
}

// dataDir returns the name of a data directory that the user has named.
func (p *program) dataDir(name string) string {
	if name == engine.Memory {
		return name
	}
	return p.streams.path(name)
}

// parseMemory reads a size as PostgreSQL writes them, 512MB say, of which there may be what a 32-bit process can have.
func parseMemory(text string) (size uint64, err error) {
	digits := strings.TrimRight(text, "bBkKmMgG")
	unit := map[string]uint64{"KB": 1 << 10, "MB": 1 << 20, "GB": 1 << 30}[strings.ToUpper(text[len(digits):])]
	n, err := strconv.ParseUint(strings.TrimSpace(digits), 10, 32)
	switch {
	case err != nil || unit == 0:
		return 0, fmt.Errorf("%q is no size: want a number and kB, MB or GB, such as 512MB", text)
	case n*unit < leastMemory || n*unit > mostMemory:
		return 0, fmt.Errorf("%s is out of range: want 32MB to 2GB", text)
	}
	return n * unit, nil
}

// What a program of the runtime begins with, and some to work in; what WebAssembly and its builder allow.
const (
	leastMemory = 32 << 20
	mostMemory  = 2 << 30
)
