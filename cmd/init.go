package cmd

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/urfave/cli/v2"
)

// initdbFlags are initdb's own options (https://www.postgresql.org/docs/18/app-initdb.html), which are passed on to it.
// Options of initdb that make no sense for a cluster of ours are left out.
func initdbFlags() []cli.Flag {
	value := func(name, short, usage string) cli.Flag {
		f := &cli.StringFlag{Name: name, Usage: usage}
		if short != "" {
			f.Aliases = []string{short}
		}
		return f
	}
	toggle := func(name, short, usage string) cli.Flag {
		f := &cli.BoolFlag{Name: name, Usage: usage}
		if short != "" {
			f.Aliases = []string{short}
		}
		return f
	}
	return []cli.Flag{
		value("username", "U", "`NAME` of the superuser"),
		value("auth", "A", "authentication `METHOD` for all connections"),
		value("auth-host", "", "authentication `METHOD` for TCP/IP connections"),
		value("auth-local", "", "authentication `METHOD` for local connections"),
		value("encoding", "E", "`ENCODING` of new databases"),
		value("locale", "", "`LOCALE` of new databases"),
		value("lc-collate", "", "`LOCALE` for sorting"),
		value("lc-ctype", "", "`LOCALE` for letters and digits"),
		value("lc-messages", "", "`LOCALE` for messages"),
		value("lc-monetary", "", "`LOCALE` for money"),
		value("lc-numeric", "", "`LOCALE` for numbers"),
		value("lc-time", "", "`LOCALE` for dates"),
		toggle("no-locale", "", "the same as --locale=C"),
		value("locale-provider", "", "`PROVIDER` of locales: builtin or libc"),
		value("builtin-locale", "", "`LOCALE` of the built-in provider"),
		value("pwfile", "", "read the superuser's password from `FILE`"),
		toggle("pwprompt", "W", "ask for the superuser's password"),
		value("text-search-config", "T", "default text search configuration `NAME`"),
		value("wal-segsize", "", "size of WAL segments, `MEGABYTES`"),
		&cli.StringSliceFlag{Name: "set", Aliases: []string{"c"}, Usage: "keep a server parameter in postgresql.conf, `NAME=VALUE`; repeatable"},
		toggle("allow-group-access", "g", "let the group read the data directory"),
		toggle("data-checksums", "k", "use data page checksums"),
		toggle("no-data-checksums", "", "do not use data page checksums"),
		toggle("no-sync", "N", "do not wait for the files to be on disk"),
		toggle("no-sync-data-files", "", "do not wait for the files of the databases to be on disk"),
		value("sync-method", "", "how files get to disk, `METHOD`: fsync"),
		toggle("no-instructions", "", "accepted and without effect"),
		toggle("debug", "", "show what initdb does"),
	}
}

// refusedByInit are options of initdb that make no sense here, and why.
var refusedByInit = func() map[string]string {
	const (
		wal   = "the server sees nothing outside its data directory"
		icu   = "the runtime has no ICU; --locale-provider=builtin has its own rules"
		clean = "nothing is left of a cluster that could not be made"
		sync  = "it makes clusters, and they are on disk when it ends"
		tool  = "pglite tool initdb has it"
	)
	return map[string]string{
		"waldir": wal, "X": wal, "icu-locale": icu, "icu-rules": icu, "no-clean": clean, "n": clean, "sync-only": sync, "S": sync,
		"show": tool, "s": tool, "discard-caches": tool, "L": "the runtime has its input files; another runtime is named with --runtime",
		"pgdata": "name the data directory as the argument, or with -D",
	}
}()

func (p *program) initCommand() *cli.Command {
	return &cli.Command{
		Name:      "init",
		Usage:     "make a cluster",
		UsageText: "pglite init [options] [DIR]",
		Description: `Unpacks the runtime and makes a cluster in DIR, which becomes PostgreSQL's data directory. An option of initdb
makes the real initdb run. An existing cluster stays as it is; --from needs a new directory. The output names the
directories of the unpacked PostgreSQL (runtime) and of the cluster (data).

--sql runs files that end in .sql, .sql.gz or .sql.xz as the superuser; of a directory all such files, in the order of
their names. If one fails, there is no cluster.

Examples:
   pglite init                                       the default cluster
   pglite init ./data
   pglite init --encoding=SQL_ASCII --locale=C ./data
   pglite init --username=owner --auth=scram-sha-256 --pwfile=secret.txt ./data
   pglite init --create-user=shop --create-db=shop --sql=schema.sql --sql=seed.d ./data
   pglite init --from backup.tar.xz ./data           a copy of the cluster that was backed up
   pglite init --runtime-only                        so that later runs need neither unpack nor compile`,
		Flags: append([]cli.Flag{
			&cli.BoolFlag{Name: "runtime-only", Usage: "unpack and compile the runtime, and make no cluster"},
			&cli.StringFlag{Name: "from", Usage: "make the cluster from the physical backup `FILE`"},
			&cli.StringSliceFlag{Name: "sql", Usage: "run the SQL in `FILE|DIR` once, when the cluster is made; repeatable"},
			&cli.StringFlag{Name: "create-user", Usage: "make the role `NAME`, which may log in"},
			&cli.StringFlag{Name: "create-db", Usage: "make the database `NAME`, which the role of --create-user owns; scripts run in it"},
		}, initdbFlags()...),
		Action: p.initialize,
	}
}

// initialize makes a cluster and says where it is.
func (p *program) initialize(c *cli.Context) error {
	cfg, err := p.config(c)
	if err != nil {
		return err
	}
	args := p.initdbArgs()
	if err := p.checkInit(c, args); err != nil {
		return err
	}
	if c.NArg() == 1 {
		cfg.DataDir = p.dataDir(c.Args().First())
	}
	cfg.Settings = nil // --set is initdb's here
	given := optionNames(args)
	args, forget, err := p.askPassword(c.Context, args)
	if err != nil {
		return err
	}
	defer forget()
	prepare := p.preparation(c, cfg, args)
	made, err := p.backend.initCluster(c.Context, cfg, initHow{c.Bool("runtime-only"), p.streams.path(c.String("from")), args, prepare})
	if err != nil {
		return err
	}
	if made.Reused && prepare != nil {
		fmt.Fprintln(p.streams.Err, "pglite: the cluster was there already: --sql, --create-db and --create-user changed nothing")
	}
	if made.Reused && len(args) > 0 {
		fmt.Fprintf(p.streams.Err, "pglite: the cluster was there already: %s changed nothing\n", given)
	}
	if locale := foreignLocale(c.String("locale"), c.String("lc-collate"), c.String("locale-provider")); locale != "" && !made.Reused {
		fmt.Fprintf(p.streams.Err, "pglite: locale %q is not part of the runtime: the name is kept, but text is sorted as in C, by code point\n", locale)
	}
	return p.printMade(made)
}

// foreignLocale returns the locale by which new databases were to sort, if it is none that the runtime has.
func foreignLocale(locale, collate, provider string) string {
	name := cmp.Or(collate, locale)
	switch strings.ToUpper(name) {
	case "", "C", "POSIX", "C.UTF-8", "C.UTF8":
		return ""
	}
	if provider == "builtin" {
		return ""
	}
	return name
}

// checkInit refuses a command line that asks for two things at once.
func (p *program) checkInit(c *cli.Context, initdb []string) error {
	refuse := func(format string, args ...any) error { return &usageError{"init", fmt.Sprintf(format, args...)} }
	data, dir := c.String("data"), c.Args().First()
	switch {
	case c.NArg() > 1:
		return refuse("init makes one cluster, but %d directories are given", c.NArg())
	case dir != "" && data != dir && data != p.streams.getenv("PGLITE_DATA"):
		return refuse("init makes one cluster, but two directories are given: %s with -D, and %s", data, dir)
	case c.Bool("runtime-only") && (c.IsSet("sql") || c.IsSet("create-db") || c.IsSet("create-user")):
		return refuse("init --runtime-only makes no cluster to run SQL in")
	case c.Bool("runtime-only") && (dir != "" || len(initdb) > 0 || c.String("from") != ""):
		return refuse("init --runtime-only makes no cluster and takes neither a directory nor options for one")
	case c.String("from") != "" && len(initdb) > 0:
		return refuse("init --from takes the cluster as it was backed up: initdb's options cannot be given")
	case c.Bool("pwprompt") && c.String("pwfile") != "":
		return refuse("init --pwprompt asks for the password that --pwfile reads: give one of them")
	case c.Bool("runtime-only"):
		return p.wants("init", "init --runtime-only", "runtime")
	case c.String("from") != "":
		return p.wants("init", "init --from", "data", "runtime")
	case len(initdb) == 0:
		return p.wants("init", "init without an option of initdb", "data", "runtime")
	}
	return p.wants("init", "init", "data", "runtime", "env", "mount", "max-memory")
}

// optionNames lists options without their values.
func optionNames(args []string) string {
	var names []string
	for _, arg := range args {
		name, _, _ := strings.Cut(arg, "=")
		names = append(names, name)
	}
	return strings.Join(names, ", ")
}

// printMade says where everything is.
func (p *program) printMade(made madeCluster) error {
	state := "created"
	if made.Reused {
		state = "reused"
	}
	text := fmt.Sprintf("runtime: %s\n", made.Mount)
	if made.Data != "" {
		text += fmt.Sprintf("data:    %s\n", made.Data)
	}
	text += fmt.Sprintf("version: PostgreSQL %s\n", made.Version)
	if made.Data != "" {
		text += fmt.Sprintf("cluster: %s\n", state)
	}
	_, err := io.WriteString(p.streams.Out, text)
	return err
}

// initdbArgs returns the options given to init the way initdb takes them.
func (p *program) initdbArgs() (args []string) {
	flags := initdbFlags()
	for _, i := range p.items {
		for _, flag := range flags {
			if i.name == "" || flag.Names()[0] != i.name {
				continue
			}
			if i.name == "pwfile" {
				i.value = p.streams.path(i.value)
			}
			if takesValue(flag) {
				args = append(args, "--"+i.name+"="+i.value)
			} else {
				args = append(args, "--"+i.name)
			}
		}
	}
	return args
}
