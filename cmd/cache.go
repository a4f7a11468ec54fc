package cmd

import (
	"fmt"

	"github.com/urfave/cli/v2"

	"github.com/pglite-toolbox/pglite/install"
)

func (p *program) cacheCommand() *cli.Command {
	return &cli.Command{
		Name:      "cache",
		Usage:     "remove the unpacked runtime and compiled code",
		UsageText: "pglite cache clean",
		Description: `Removes what pglite keeps in the user's cache directory: unpacked runtimes and the machine code that was compiled from them.
All of it is made again when it is needed. Clusters are not touched.

Examples:
   pglite cache clean`,
		Action: p.cache,
	}
}

func (p *program) cache(c *cli.Context) error {
	if c.NArg() != 1 || c.Args().First() != "clean" {
		return &usageError{"cache", "cache knows one thing to do: clean"}
	}
	paths, err := install.CachePathsIn("")
	if err != nil {
		return err
	}
	freed, err := install.CleanCache(paths)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.streams.Out, "removed %.1f MB from %s\n", float64(freed)/1e6, paths.Dir)
	return err
}
