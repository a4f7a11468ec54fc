package cmd

import (
	"cmp"
	"flag"
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"
)

func init() {
	cli.FlagStringer = flagText
	cli.HelpFlag = helpFlag{&cli.BoolFlag{Name: "help", Aliases: []string{"h"}, Usage: "show help"}}
}

// helpFlag is --help. The cli package has one such flag for all runs of the program in a process, so it must keep nothing.
type helpFlag struct{ *cli.BoolFlag }

// Apply implements cli.Flag.
func (f helpFlag) Apply(set *flag.FlagSet) error {
	own := *f.BoolFlag
	return own.Apply(set)
}

// flagText describes a flag as "-c, --command SQL", with tabs between the columns of the help text.
func flagText(flag cli.Flag) string {
	f, ok := flag.(cli.DocGenerationFlag)
	if !ok {
		return ""
	}
	var long, short string
	for _, name := range flag.Names() {
		if len(name) == 1 {
			short = "-" + name + ", "
		} else {
			long = "--" + name
		}
	}
	value, usage := unquoteUsage(f.GetUsage())
	if f.TakesValue() {
		long += " " + cmp.Or(value, "VALUE")
	}
	if vars := f.GetEnvVars(); len(vars) > 0 {
		usage += " ($" + strings.Join(vars, ", $") + ")"
	}
	return fmt.Sprintf("%4s%s\t%s", short, long, usage)
}

// unquoteUsage takes the name of the value, which stands in backquotes, out of a flag's description.
func unquoteUsage(usage string) (value, text string) {
	before, rest, _ := strings.Cut(usage, "`")
	value, after, found := strings.Cut(rest, "`")
	if !found {
		return "", usage
	}
	return value, before + value + after
}
