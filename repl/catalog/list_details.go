package catalog

import (
	"context"
	"fmt"
)

// textSearchConfigurations is \dF; with + it shows which dictionaries the tokens go to.
func textSearchConfigurations(ctx context.Context, r *Reader, f flags, pattern string) error {
	if !f.more {
		return searchListings()["dF"].run(ctx, r, f, pattern)
	}
	l := &listing{
		columns: []listed{{"oid", "c.oid", always}, {"name", "n.nspname || '.' || c.cfgname", always}},
		from:    "@pg_ts_config c LEFT JOIN @pg_namespace n ON n.oid = c.cfgnamespace",
		match:   matched{schema: "n.nspname", name: "c.cfgname", visible: "@pg_ts_config_is_visible(c.oid)"}, order: "2",
	}
	return r.forEach(ctx, l, pattern, "text search configuration", func(oid, name string) error {
		parser, err := r.Fetch(ctx, catalog(`SELECT n.nspname || '.' || p.prsname FROM @pg_ts_config c JOIN @pg_ts_parser p ON p.oid = c.cfgparser JOIN @pg_namespace n ON n.oid = p.prsnamespace WHERE c.oid = `+oid))
		if err != nil {
			return err
		}
		g, err := r.Fetch(ctx, catalog(`SELECT (SELECT t.alias FROM @ts_token_type(c.cfgparser) t WHERE t.tokid = m.maptokentype) AS "Token",
  @string_agg(m.mapdict::@regdictionary::@text, ',' ORDER BY m.mapseqno) AS "Dictionaries"
FROM @pg_ts_config c JOIN @pg_ts_config_map m ON m.mapcfg = c.oid WHERE c.oid = `+oid+` GROUP BY c.cfgparser, m.maptokentype ORDER BY 1`))
		if err != nil || len(parser.Rows) == 0 {
			return err
		}
		return r.table(g, fmt.Sprintf("Text search configuration \"%s\"\nParser: \"%s\"", name, parser.Text(0, 0)), f, []string{})
	})
}

// textSearchParsers is \dFp; with + it shows the functions and the token types of the parsers.
func textSearchParsers(ctx context.Context, r *Reader, f flags, pattern string) error {
	if !f.more {
		return searchListings()["dFp"].run(ctx, r, f, pattern)
	}
	l := &listing{
		columns: []listed{{"oid", "p.oid", always}, {"name", "n.nspname || '.' || p.prsname", always}},
		from:    "@pg_ts_parser p LEFT JOIN @pg_namespace n ON n.oid = p.prsnamespace",
		match:   matched{schema: "n.nspname", name: "p.prsname", visible: "@pg_ts_parser_is_visible(p.oid)"}, order: "2",
	}
	return r.forEach(ctx, l, pattern, "text search parser", func(oid, name string) error {
		g, err := r.Fetch(ctx, catalog(`SELECT m.method AS "Method", m.function AS "Function", @obj_description(m.function, 'pg_proc') AS "Description"
FROM @pg_ts_parser p, LATERAL (VALUES (1, 'Start parse', p.prsstart), (2, 'Get next token', p.prstoken), (3, 'End parse', p.prsend),
  (4, 'Get headline', p.prsheadline), (5, 'Get token types', p.prslextype)) m(place, method, function) WHERE p.oid = `+oid+` ORDER BY m.place`))
		if err != nil {
			return err
		}
		if err := r.table(g, fmt.Sprintf(`Text search parser "%s"`, name), f, []string{}); err != nil {
			return err
		}
		g, err = r.Fetch(ctx, catalog(`SELECT t.alias AS "Token name", t.description AS "Description" FROM @ts_token_type(`+oid+`::@oid) t ORDER BY 1`))
		if err != nil {
			return err
		}
		return r.table(g, fmt.Sprintf(`Token types for parser "%s"`, name), f, nil)
	})
}

// publicationColumns are what \dRp shows.
var publicationColumns = []listed{
	{"Owner", owner("p.pubowner"), always},
	{"All tables", "p.puballtables", always},
	{"Inserts", "p.pubinsert", always},
	{"Updates", "p.pubupdate", always},
	{"Deletes", "p.pubdelete", always},
	{"Truncates", "p.pubtruncate", always},
	{"Generated columns", "CASE p.pubgencols WHEN 'n' THEN 'none' WHEN 's' THEN 'stored' END", always.since(18)},
	{"Via root", "p.pubviaroot", always},
}

// publications is \dRp; with + it shows the tables and schemas of the publications.
func publications(ctx context.Context, r *Reader, f flags, pattern string) error {
	if !f.more {
		l := &listing{
			title: "List of publications", columns: append([]listed{{"Name", "p.pubname", always}}, publicationColumns...),
			from: "@pg_publication p", match: matched{name: "p.pubname"}, order: "1",
		}
		return l.run(ctx, r, f, pattern)
	}
	l := &listing{columns: []listed{{"oid", "p.oid", always}, {"name", "p.pubname", always}}, from: "@pg_publication p", match: matched{name: "p.pubname"}, order: "2"}
	return r.forEach(ctx, l, pattern, "publication", func(oid, name string) error {
		one := &listing{columns: publicationColumns, from: "@pg_publication p", where: "p.oid = " + oid, order: "1"}
		sql, err := one.sql(flags{server: f.server}, "", "")
		if err != nil {
			return err
		}
		g, err := r.Fetch(ctx, sql)
		if err != nil {
			return err
		}
		footers := notes{r: r, ctx: ctx, lines: []string{}}
		footers.list("Tables:", `SELECT @format('    "%s.%s"', n.nspname, c.relname) || coalesce(' (' || (SELECT @string_agg(@quote_ident(a.attname), ', ' ORDER BY a.attnum)
    FROM @pg_attribute a WHERE a.attrelid = c.oid AND a.attnum = ANY (t.prattrs::@int2[])) || ')', '') || coalesce(' WHERE ' || @pg_get_expr(t.prqual, c.oid), '')
FROM @pg_publication_rel t JOIN @pg_class c ON c.oid = t.prrelid JOIN @pg_namespace n ON n.oid = c.relnamespace WHERE t.prpubid = `+oid+` ORDER BY n.nspname, c.relname`)
		footers.list("Tables from schemas:", `SELECT @format('    "%s"', n.nspname) FROM @pg_publication_namespace s JOIN @pg_namespace n ON n.oid = s.pnnspid WHERE s.pnpubid = `+oid+` ORDER BY 1`)
		if footers.err != nil {
			return footers.err
		}
		if len(footers.lines) == 0 {
			footers.lines = nil // psql counts the row then
		}
		return r.table(g, "Publication "+name, f, footers.lines)
	})
}

// notes are the lines below a description, with the first error of the queries for them.
type notes struct {
	r     *Reader
	ctx   context.Context
	lines []string
	err   error
}

// query returns the first column of a query.
func (n *notes) query(sql string) []string {
	if n.err != nil {
		return nil
	}
	g, err := n.r.Fetch(n.ctx, catalog(sql))
	if err != nil {
		n.err = err
		return nil
	}
	texts := make([]string, len(g.Rows))
	for row := range g.Rows {
		texts[row] = g.Text(row, 0)
	}
	return texts
}

// list adds a head and a line for each row of a query, when there is any.
func (n *notes) list(head, sql string) {
	if lines := n.query(sql); len(lines) > 0 {
		n.lines = append(append(n.lines, head), lines...)
	}
}

// add adds a line for each row of a query.
func (n *notes) add(sql string) { n.lines = append(n.lines, n.query(sql)...) }
