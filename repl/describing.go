package repl

import (
	"context"
	"fmt"
	"strings"

	"github.com/pglite-toolbox/pglite/repl/catalog"
	"github.com/pglite-toolbox/pglite/repl/format"
)

// objectCommands are the \d family. What letters stands for comes beside S, + and x.
func objectCommands() []command {
	all := []command{
		{
			names: "d", usage: `\d[Sx+] [NAME]`, about: "tables, views and sequences; with NAME the columns and all else of one",
			args: 1, takes: names("relations"), letters: "tvmisE",
		},
		{
			names: "da", usage: `\da[Sx] [PATTERN]`, about: "aggregate functions",
			args: 1, takes: names("aggregates"),
		},
		{names: "dA", usage: `\dA[x+] [PATTERN]`, about: "access methods", args: 1, takes: names("methods")},
		{
			names: "dAc", usage: `\dAc[x+] [METHOD [TYPE]]`, about: "operator classes",
			args: 2, takes: names("methods", "types"),
		},
		{
			names: "dAf", usage: `\dAf[x+] [METHOD [TYPE]]`, about: "operator families",
			args: 2, takes: names("methods", "types"),
		},
		{
			names: "dAo", usage: `\dAo[x+] [METHOD [FAMILY]]`, about: "operators of operator families",
			args: 2, takes: names("methods"),
		},
		{
			names: "dAp", usage: `\dAp[x+] [METHOD [FAMILY]]`, about: "support functions of operator families",
			args: 2, takes: names("methods"),
		},
		{names: "db", usage: `\db[x+] [PATTERN]`, about: "tablespaces", args: 1, takes: names("tablespaces")},
		{
			names: "dc", usage: `\dc[Sx+] [PATTERN]`, about: "conversions between encodings",
			args: 1, takes: names("conversions"),
		},
		{
			names: "dconfig", usage: `\dconfig[x+] [PATTERN]`, about: "parameters of the server",
			args: 1, takes: names("shown"),
		},
		{names: "dC", usage: `\dC[x+] [PATTERN]`, about: "casts", args: 1, takes: names("types")},
		{
			names: "dd", usage: `\dd[Sx] [PATTERN]`, about: "comments on objects that no other command shows",
			args: 1, bare: "objects of many kinds",
		},
		{names: "dD", usage: `\dD[Sx+] [PATTERN]`, about: "domains", args: 1, takes: names("domains")},
		{names: "ddp", usage: `\ddp[x] [PATTERN]`, about: "default privileges", args: 1, takes: names("roles")},
		{names: "dE", usage: `\dE[Sx+] [PATTERN]`, about: "foreign tables", args: 1, takes: names("foreigntables")},
		{names: "des", usage: `\des[x+] [PATTERN]`, about: "foreign servers", args: 1, takes: names("servers")},
		{
			names: "det", usage: `\det[x+] [PATTERN]`, about: "foreign tables with their servers",
			args: 1, takes: names("foreigntables"),
		},
		{names: "deu", usage: `\deu[x+] [PATTERN]`, about: "user mappings", args: 1, takes: names("mappings")},
		{
			names: "dew", usage: `\dew[x+] [PATTERN]`, about: "foreign-data wrappers",
			args: 1, takes: names("wrappers"),
		},
		{
			names: "df", usage: `\df[anptw][Sx+] [NAME [TYPE]...]`, about: "functions: only aggregates, normal, procedures, triggers, window",
			args: many, takes: namesAndTypes("routines"), letters: "anptw",
		},
		{
			names: "dF", usage: `\dF[x+] [PATTERN]`, about: "text search configurations",
			args: 1, takes: names("tsconfigurations"),
		},
		{
			names: "dFd", usage: `\dFd[x+] [PATTERN]`, about: "text search dictionaries",
			args: 1, takes: names("tsdictionaries"),
		},
		{
			names: "dFp", usage: `\dFp[x+] [PATTERN]`, about: "text search parsers",
			args: 1, takes: names("tsparsers"),
		},
		{
			names: "dFt", usage: `\dFt[x+] [PATTERN]`, about: "text search templates",
			args: 1, takes: names("tstemplates"),
		},
		{names: "dg", usage: `\dg[Sx+] [PATTERN]`, about: "roles", args: 1, takes: names("roles")},
		{names: "di", usage: `\di[Sx+] [PATTERN]`, about: "indexes", args: 1, takes: names("indexes")},
		{names: "dl", usage: `\dl[x+]`, about: "large objects", args: many, bare: ignoresArguments, run: listObjectsCommand},
		{
			names: "dL", usage: `\dL[Sx+] [PATTERN]`, about: "procedural languages",
			args: 1, takes: names("languages"),
		},
		{names: "dm", usage: `\dm[Sx+] [PATTERN]`, about: "materialized views", args: 1, takes: names("matviews")},
		{names: "dn", usage: `\dn[Sx+] [PATTERN]`, about: "schemas", args: 1, takes: names("schemas")},
		{
			names: "do", usage: `\do[Sx+] [NAME [TYPE [TYPE]]]`, about: "operators",
			args: many, takes: namesAndTypes(""),
		},
		{names: "dO", usage: `\dO[Sx+] [PATTERN]`, about: "collations", args: 1, takes: names("collations")},
		{
			names: "dp", usage: `\dp[Sx] [PATTERN]`, about: "privileges on tables, views and sequences",
			args: 1, takes: names("selectables"),
		},
		{
			names: "dP", usage: `\dP[nx+] [PATTERN]`, about: "partitioned tables and indexes, with n nested ones too",
			args: 1, takes: names("partitioned"), letters: "tin",
		},
		{
			names: "dPi", usage: `\dPi[nx+] [PATTERN]`, about: "partitioned indexes",
			args: 1, takes: names("indexes"), letters: "tn",
		},
		{
			names: "dPt", usage: `\dPt[nx+] [PATTERN]`, about: "partitioned tables",
			args: 1, takes: names("partitionedtables"), letters: "in",
		},
		{
			names: "drds", usage: `\drds[x] [ROLE [DATABASE]]`, about: "settings of roles for databases",
			args: 2, takes: names("roles", "databases"),
		},
		{names: "drg", usage: `\drg[Sx] [PATTERN]`, about: "grants of roles", args: 1, takes: names("roles")},
		{names: "dRp", usage: `\dRp[x+] [PATTERN]`, about: "publications", args: 1, takes: names("publications")},
		{names: "dRs", usage: `\dRs[x+] [PATTERN]`, about: "subscriptions", args: 1, takes: names("subscriptions")},
		{names: "ds", usage: `\ds[Sx+] [PATTERN]`, about: "sequences", args: 1, takes: names("sequences")},
		{names: "dt", usage: `\dt[Sx+] [PATTERN]`, about: "tables", args: 1, takes: names("tables")},
		{names: "dT", usage: `\dT[Sx+] [PATTERN]`, about: "types", args: 1, takes: names("types")},
		{names: "du", usage: `\du[Sx+] [PATTERN]`, about: "roles", args: 1, takes: names("roles")},
		{names: "dv", usage: `\dv[Sx+] [PATTERN]`, about: "views", args: 1, takes: names("views")},
		{names: "dx", usage: `\dx[x+] [PATTERN]`, about: "extensions", args: 1, takes: names("extensions")},
		{names: "dX", usage: `\dX[x] [PATTERN]`, about: "extended statistics", args: 1, takes: names("statistics")},
		{names: "dy", usage: `\dy[x+] [PATTERN]`, about: "event triggers", args: 1, takes: names("eventtriggers")},
		{names: "l list", usage: `\l[x+] [PATTERN]`, about: "databases", args: 1, takes: names("databases")},
		{names: "z", usage: `\z[Sx] [PATTERN]`, about: `the same as \dp`, args: 1, takes: names("selectables")},
	}
	for i := range all {
		all[i].letters += "S+x"
		if all[i].run == nil {
			all[i].run = describeCommand
		}
	}
	return append(all, definitionCommands()...)
}

// describeCommand runs a command of the \d family.
func describeCommand(ctx context.Context, r *scriptRun, c *call) error {
	patterns := make([]string, len(c.given))
	for i, arg := range c.given {
		patterns[i] = strings.TrimRight(arg.Text, ";")
	}
	describe, _ := catalog.Find(c.name)
	return describe(ctx, r.catalogs(), patterns...)
}

// catalogs returns a reader of the catalogs of the session's database.
func (r *scriptRun) catalogs() *catalog.Reader {
	return &catalog.Reader{
		Asker: asker{r}, Database: r.Database, Server: r.serverMajor(), Quiet: r.Quiet,
		HideMethods:     r.Variables.flag("HIDE_TABLEAM", false),
		HideCompression: r.Variables.flag("HIDE_TOAST_COMPRESSION", false),
	}
}

// serverMajor returns the major version of the server, 0 when it is not known.
func (s *Session) serverMajor() (major int) {
	_, _ = fmt.Sscanf(s.Status["server_version"], "%d", &major)
	return major
}

// asker asks for the \d family.
type asker struct{ *scriptRun }

// Fetch implements Asker.
func (a asker) Fetch(ctx context.Context, sql string) (*format.Grid, error) { return a.fetch(ctx, sql) }

// Table implements Asker.
func (a asker) Table(g *format.Grid, l catalog.Look) error { return a.table(g, l) }

// Wrong implements Asker.
func (a asker) Wrong(text string) error { return a.wrong(text) }

// Missing implements Asker.
func (a asker) Missing(text string) { _ = a.wrong(text) }

// table shows a table that describes something.
func (r *scriptRun) table(g *format.Grid, l catalog.Look) error {
	o := r.Options
	o.Title, o.Footers = l.Title, l.Footers
	if l.Expanded || l.Fixed {
		o.Expanded, o.Auto = l.Expanded, false
	}
	if l.Fixed {
		o.Null = ""
	}
	out, o, end := r.page(o)
	defer end()
	out = r.logged(out)
	if err := g.Print(out, o); err != nil {
		return err
	}
	return out.Flush()
}
