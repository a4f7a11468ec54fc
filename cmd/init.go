package cmd

import (
	"fmt"
	"io"

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
		value("text-search-config", "T", "default text search configuration `NAME`"),
		value("wal-segsize", "", "size of WAL segments, `MEGABYTES`"),
		&cli.StringSliceFlag{Name: "set", Aliases: []string{"c"}, Usage: "keep a server parameter in postgresql.conf, `NAME=VALUE`; repeatable"},
		toggle("allow-group-access", "g", "let the group read the data directory"),
		toggle("data-checksums", "k", "use data page checksums"),
		toggle("no-data-checksums", "", "do not use data page checksums"),
		toggle("no-sync", "N", "do not wait for the files to be on disk"),
		toggle("no-instructions", "", "accepted and without effect"),
		toggle("debug", "", "show what initdb does"),
	}
}

func (p *program) initCommand() *cli.Command {
	return &cli.Command{
		Name:      "init",
		Usage:     "make a cluster",
		UsageText: "pglite init [options] [DIR]",
		Description: `Unpacks the runtime and makes a cluster in DIR, which becomes PostgreSQL's data directory. With one of initdb's
options the real initdb makes it. A cluster that is there already is left as it is.

Examples:
   pglite init                                       the default cluster
   pglite init ./data
   pglite init --encoding=SQL_ASCII --locale=C ./data
   pglite init --username=owner --auth=scram-sha-256 --pwfile=secret.txt ./data
   pglite init --from backup.tar.xz ./data           a copy of the cluster that was backed up
   pglite init --runtime-only                        so that later runs need not unpack`,
		Flags: append([]cli.Flag{
			&cli.BoolFlag{Name: "runtime-only", Usage: "unpack the runtime and make no cluster"},
			&cli.StringFlag{Name: "from", Usage: "make the cluster from the physical backup `FILE`"},
		}, initdbFlags()...),
		Action: p.initialize,
	}
}

// initialize makes a cluster and says where it is.
func (p *program) initialize(c *cli.Context) error {
	if c.NArg() > 1 {
		return &usageError{"init", fmt.Sprintf("init makes one cluster, but %d directories are given", c.NArg())}
	}
	if c.Bool("runtime-only") && c.NArg() > 0 {
		return &usageError{"init", "init --runtime-only makes no cluster and takes no directory"}
	}
	if c.String("from") != "" && len(p.initdbArgs()) > 0 {
		return &usageError{"init", "init --from takes the cluster as it was backed up: initdb's options cannot be given"}
	}
	cfg, err := p.config(c)
	if err != nil {
		return err
	}
	if c.NArg() == 1 {
		cfg.DataDir = c.Args().First()
	}
	cfg.Settings = nil // --set is initdb's here
	made, err := p.backend.initCluster(c.Context, cfg, initHow{c.Bool("runtime-only"), c.String("from"), p.initdbArgs()})
	if err != nil {
		return err
	}
	return p.printMade(made)
}

// printMade says where everything is.
func (p *program) printMade(made madeCluster) error {
	state := "created"
	if made.Reused {
		state = "reused"
	}
	text := fmt.Sprintf("mount:   %s\n", made.Mount)
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
			if takesValue(flag) {
				args = append(args, "--"+i.name+"="+i.value)
			} else {
				args = append(args, "--"+i.name)
			}
		}
	}
	return args
}
