package cmd

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/pglite-toolbox/pglite/internal/manpage"
)

func (p *program) manCommand() *cli.Command {
	return &cli.Command{
		Name:      "man",
		Usage:     "print the manual page",
		UsageText: "pglite man",
		Description: `The page is in the format of man(7). Its date is that of $SOURCE_DATE_EPOCH, or else today.

Examples:
   pglite man | man -l -`,
		Action: p.man,
	}
}

// exitCodes are what every command promises.
var exitCodes = []manpage.Item{
	{Term: strconv.Itoa(exitOK), Text: "all went well"},
	{Term: strconv.Itoa(exitFailure), Text: "an error of pglite's own"},
	{Term: strconv.Itoa(exitConnection), Text: "there is no connection to the server, or it was lost"},
	{Term: strconv.Itoa(exitScript), Text: "an error in the SQL that was to be run"},
}

func (p *program) man(*cli.Context) error {
	date, err := p.sourceDate()
	if err != nil {
		return err
	}
	app := p.app()
	page := manpage.Page{
		Program: manpage.Section{
			Name: app.Name, Purpose: app.Usage, Usage: app.UsageText, Description: app.Description,
			Options: manOptions(app.Flags),
		},
		Exit: exitCodes, Version: "pglite " + cmp.Or(moduleVersion(""), "(devel)"), Date: date,
		SeeAlso: []string{"psql", "pg_dump", "postgres"},
	}
	for _, c := range app.Commands {
		if c.Hidden {
			continue
		}
		page.Commands = append(page.Commands, manpage.Section{
			Name: app.Name + " " + c.Name, Purpose: c.Usage, Usage: c.UsageText, Description: c.Description,
			Options: manOptions(c.Flags),
		})
	}
	return page.Write(p.streams.Out)
}

// sourceDate returns the time of $SOURCE_DATE_EPOCH (https://reproducible-builds.org/specs/source-date-epoch/), or
// the present time.
func (p *program) sourceDate() (time.Time, error) {
	value, set := p.streams.lookupEnv("SOURCE_DATE_EPOCH")
	if !set {
		return time.Now().UTC(), nil
	}
	seconds, err := strconv.ParseInt(value, 10, 64)
	if err != nil {
		return time.Time{}, fmt.Errorf("the environment variable SOURCE_DATE_EPOCH is %q: set it to seconds since 1970", value)
	}
	return time.Unix(seconds, 0).UTC(), nil
}

// manOptions describes flags as the help texts do.
func manOptions(flags []cli.Flag) (all []manpage.Item) {
	for _, flag := range flags {
		term, text, _ := strings.Cut(flagText(flag), "\t")
		all = append(all, manpage.Item{Term: strings.TrimSpace(term), Text: text})
	}
	return all
}
