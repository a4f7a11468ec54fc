package cmd

import (
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/pglite-toolbox/pglite/repl/format"
)

// execFlags are psql's where psql has them.
func execFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringSliceFlag{Name: "command", Aliases: []string{"c"}, Usage: "run the query string `SQL`; repeatable"},
		&cli.StringSliceFlag{Name: "file", Aliases: []string{"f"}, Usage: "run the script `FILE`, - for standard input; repeatable"},
		&cli.BoolFlag{Name: "single-transaction", Aliases: []string{"1"}, Usage: "run everything in one transaction"},
		&cli.BoolFlag{Name: "continue", Usage: "go on after an error; the exit code still tells of it"},
		&cli.StringFlag{Name: "record", Usage: "write what goes over the wire to `FILE`, for pglite hexdump -f"},
		&cli.StringSliceFlag{Name: "parameter", Aliases: []string{"p"}, Usage: "the `VALUE` of $1, $2 …; repeatable"},
		&cli.StringSliceFlag{Name: "variable", Aliases: []string{"v"}, Usage: "set a variable of scripts, `NAME=VALUE`, used as :NAME, :'NAME' or :\"NAME\"; repeatable"},
		&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Usage: "write the results to `FILE`, or |COMMAND"},
		&cli.BoolFlag{Name: "list", Aliases: []string{"l"}, Usage: "list the databases"},
		&cli.BoolFlag{Name: "echo-all", Aliases: []string{"a"}, Usage: "print all lines of scripts"},
		&cli.BoolFlag{Name: "echo-errors", Aliases: []string{"b"}, Usage: "print statements that fail"},
		&cli.BoolFlag{Name: "echo-queries", Aliases: []string{"e"}, Usage: "print what is sent to the server"},
		&cli.BoolFlag{Name: "echo-hidden", Aliases: []string{"E"}, Usage: "print the queries of backslash commands"},
		&cli.BoolFlag{Name: "single-step", Aliases: []string{"s"}, Usage: "ask before each statement"},
		&cli.BoolFlag{Name: "single-line", Aliases: []string{"S"}, Usage: "the end of a line ends a statement"},
		&cli.BoolFlag{Name: "no-password", Aliases: []string{"w"}, Usage: "never ask for a password"},
		&cli.StringFlag{Name: "log-file", Aliases: []string{"L"}, Usage: "write queries and results to `FILE` too"},
		&cli.BoolFlag{Name: "no-readline", Aliases: []string{"n"}, Usage: "do without the line editor, history and completion of repl"},
		&cli.BoolFlag{Name: "quiet", Aliases: []string{"q"}, Usage: "do not print command tags"},
		&cli.StringFlag{Name: "format", Usage: "print results as `FORMAT`: " + strings.Join(format.FormatNames(), ", ")},
		&cli.BoolFlag{Name: "csv", Usage: "print results as CSV"},
		&cli.BoolFlag{Name: "json", Usage: "print each result as a JSON array of its rows, on a line of its own: several results are JSON Lines"},
		&cli.BoolFlag{Name: "html", Aliases: []string{"H"}, Usage: "print results as HTML"},
		&cli.BoolFlag{Name: "no-align", Aliases: []string{"A"}, Usage: "print results unaligned"},
		&cli.BoolFlag{Name: "tuples-only", Aliases: []string{"t"}, Usage: "print rows only"},
		&cli.BoolFlag{Name: "expanded", Aliases: []string{"x"}, Usage: "print each column on a line of its own"},
		&cli.StringFlag{Name: "field-separator", Aliases: []string{"F"}, Usage: "separate unaligned fields with `TEXT`"},
		&cli.StringFlag{Name: "record-separator", Aliases: []string{"R"}, Usage: "separate unaligned records with `TEXT`"},
		&cli.BoolFlag{Name: "field-separator-zero", Aliases: []string{"z"}, Usage: "separate unaligned fields with a zero byte"},
		&cli.BoolFlag{Name: "record-separator-zero", Aliases: []string{"0"}, Usage: "separate unaligned records with a zero byte"},
		&cli.StringFlag{Name: "table-attr", Aliases: []string{"T"}, Usage: "attributes of HTML tables"},
		&cli.StringSliceFlag{Name: "pset", Aliases: []string{"P"}, Usage: "set a print option of psql, `NAME[=VALUE]`; repeatable"},
		&cli.BoolFlag{Name: "no-psqlrc", Aliases: []string{"X"}, Usage: "read no start-up file; exec never does"},
	}
}

// printOption applies an option that says how results look; the last one wins. It reports false for other options.
func printOption(o *format.Options, i item) (bool, error) {
	switch i.name {
	case "format":
		if err := o.Set("format", i.value); err != nil {
			return true, fmt.Errorf("--format %s: %w", i.value, err)
		}
		return true, nil
	case "csv", "json", "html":
		return true, o.Set("format", i.name)
	case "no-align":
		return true, o.Set("format", "unaligned")
	case "tuples-only":
		return true, o.Set("tuples_only", "on")
	case "expanded":
		return true, o.Set("expanded", "on")
	case "field-separator":
		return true, o.Set("fieldsep", i.value)
	case "record-separator":
		return true, o.Set("recordsep", i.value)
	case "field-separator-zero":
		return true, o.Set("fieldsep_zero", "")
	case "record-separator-zero":
		return true, o.Set("recordsep_zero", "")
	case "table-attr":
		return true, o.Set("tableattr", i.value)
	case "pset":
		name, value, _ := strings.Cut(i.value, "=")
		if err := o.Set(name, value); err != nil {
			return true, fmt.Errorf("--pset %s: %w", i.value, err)
		}
		return true, nil
	}
	return false, nil
}
