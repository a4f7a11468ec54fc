package catalog

import (
	"context"
	"fmt"
	"strings"
)

// relationKinds are the letters of \dt, \di and so on, in psql's order, with what they list.
var relationKinds = []struct {
	letter        rune
	kinds, plural string
}{
	{'t', "'r','p'", "tables"},
	{'i', "'i','I'", "indexes"},
	{'v', "'v'", "views"},
	{'m', "'m'", "materialized views"},
	{'s', "'S'", "sequences"},
	{'E', "'f'", "foreign tables"},
}

// relationType names the kind of a relation.
const relationType = `CASE c.relkind WHEN 'r' THEN 'table' WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'i' THEN 'index' WHEN 'S' THEN 'sequence'
    WHEN 't' THEN 'TOAST table' WHEN 'f' THEN 'foreign table' WHEN 'p' THEN 'partitioned table' WHEN 'I' THEN 'partitioned index' END`

// relationPersistence names how long a relation lives.
const relationPersistence = "CASE c.relpersistence WHEN 'p' THEN 'permanent' WHEN 't' THEN 'temporary' WHEN 'u' THEN 'unlogged' END"

// listRelations is \dt, \di, \dv, \dm, \ds, \dE and their combinations.
func listRelations(ctx context.Context, r *Reader, f flags, pattern string) error {
	var kinds []string
	plural := "relations"
	for _, kind := range relationKinds {
		if strings.ContainsRune(f.letters, kind.letter) {
			kinds = append(kinds, kind.kinds)
			plural = kind.plural
		}
	}
	if len(kinds) > 1 {
		plural = "relations"
	}
	if f.system || pattern != "" {
		if strings.Contains(f.letters, "t") {
			kinds = append(kinds, "'t'")
		}
		kinds = append(kinds, "'s'")
	}
	f.noMethod = r.HideMethods
	l := relationListing(f, "List of "+plural, strings.Join(kinds, ","))
	sql, err := l.sql(f, pattern, r.Database)
	if err != nil {
		return r.Wrong(err.Error())
	}
	g, err := r.Fetch(ctx, sql)
	switch {
	case err != nil:
		return err
	case len(g.Rows) > 0 || r.Quiet:
		return r.table(g, l.title, f, nil)
	case pattern != "":
		r.Missing(fmt.Sprintf(`Did not find any %s named "%s".`, plural, pattern))
	default:
		r.Missing("Did not find any " + plural + ".")
	}
	return nil
}

func relationListing(f flags, title, kinds string) *listing {
	indexes := strings.Contains(f.letters, "i")
	columns := []listed{{"Schema", "n.nspname", always}, {"Name", "c.relname", always}, {"Type", relationType, always}, {"Owner", owner("c.relowner"), always}}
	from := "@pg_class c LEFT JOIN @pg_namespace n ON n.oid = c.relnamespace LEFT JOIN @pg_am am ON am.oid = c.relam"
	if indexes {
		columns = append(columns, listed{"Table", "t.relname", always})
		from += " LEFT JOIN @pg_index i ON i.indexrelid = c.oid LEFT JOIN @pg_class t ON t.oid = i.indrelid"
	}
	columns = append(columns, listed{"Persistence", relationPersistence, more})
	if strings.ContainsAny(f.letters, "tmi") && !f.noMethod {
		columns = append(columns, listed{"Access method", "am.amname", more})
	}
	columns = append(columns, listed{"Size", "@pg_size_pretty(CASE WHEN c.relkind IN ('r', 't', 'm', 'p', 'f') THEN @pg_table_size(c.oid) ELSE @pg_table_size(c.oid) END)", more},
		listed{"Description", description("c.oid", "pg_class"), more})
	return &listing{
		title: title, columns: columns, from: from, where: "c.relkind IN (" + kinds + ")",
		user:  notSystem + " AND n.nspname !~ '^pg_toast'",
		match: matched{schema: "n.nspname", name: "c.relname", visible: "@pg_table_is_visible(c.oid)"}, order: "1, 2",
	}
}

// listPartitioned is \dP, with the letters t for tables, i for indexes, and n for those that are partitions themselves
// too.
func listPartitioned(ctx context.Context, r *Reader, f flags, pattern string) error {
	tables, indexes := strings.Contains(f.letters, "t"), strings.Contains(f.letters, "i")
	if !tables && !indexes {
		tables, indexes = true, true
	}
	nested := strings.Contains(f.letters, "n")
	return partitionedListing(tables, indexes, nested, pattern != "").run(ctx, r, f, pattern)
}

func partitionedListing(tables, indexes, nested, matching bool) *listing {
	const tree = "(SELECT @pg_size_pretty(@sum(%s)) FROM @pg_partition_tree(c.oid) p)"
	l := &listing{
		title:   "List of partitioned relations",
		columns: []listed{{"Schema", "n.nspname", always}, {"Name", "c.relname", always}, {"Owner", owner("c.relowner"), always}},
		from: `@pg_class c LEFT JOIN @pg_namespace n ON n.oid = c.relnamespace LEFT JOIN @pg_index i ON i.indexrelid = c.oid LEFT JOIN @pg_am am ON am.oid = c.relam
  LEFT JOIN @pg_inherits h ON h.inhrelid = c.oid`,
		where: "c.relkind IN ('p', 'I')", user: notSystem + " AND n.nspname !~ '^pg_toast'",
		match: matched{schema: "n.nspname", name: "c.relname", visible: "@pg_table_is_visible(c.oid)"}, order: `"Schema", `,
	}
	add := func(name, expression string, w when) { l.columns = append(l.columns, listed{name, expression, w}) }
	switch {
	case tables && indexes:
		add("Type", "CASE c.relkind WHEN 'p' THEN 'partitioned table' WHEN 'I' THEN 'partitioned index' END", always)
		l.order += `"Type" DESC, `
	case tables:
		l.title, l.where = "List of partitioned tables", "c.relkind = 'p'"
	default:
		l.title, l.where = "List of partitioned indexes", "c.relkind = 'I'"
	}
	if nested || matching {
		add("Parent name", "h.inhparent::@regclass", always)
		l.order += `"Parent name" NULLS FIRST, `
	} else {
		l.where += " AND NOT c.relispartition"
	}
	if indexes {
		add("Table", "i.indrelid::@regclass", always)
	}
	add("Access method", "am.amname", more)
	if nested {
		add("Leaf partition size", fmt.Sprintf(tree, "CASE WHEN p.isleaf AND p.level = 1 THEN @pg_table_size(p.relid) ELSE 0 END"), more)
	}
	add("Total size", fmt.Sprintf(tree, "@pg_table_size(p.relid)"), more)
	add("Description", description("c.oid", "pg_class"), more)
	l.order += `"Name"`
	return l
}

// listParameters is \dconfig: without a pattern it lists what is not as the server has it by default.
func listParameters(ctx context.Context, r *Reader, f flags, pattern string) error {
	l := &listing{
		title: "List of configuration parameters",
		columns: []listed{
			{"Parameter", "s.name", always},
			{"Value", "@current_setting(s.name)", always},
			{"Type", "s.vartype", more},
			{"Context", "s.context", more},
			{"Access privileges", acl("p.paracl"), more},
		},
		from:  "@pg_settings s LEFT JOIN @pg_parameter_acl p ON @lower(s.name) = p.parname",
		match: matched{name: "@lower(s.name)"}, order: "1",
	}
	if pattern == "" {
		l.title = "List of non-default configuration parameters"
		l.where = "s.source <> 'default' AND s.setting IS DISTINCT FROM s.boot_val"
	}
	return l.run(ctx, r, f, pattern)
}

// extensions is \dx; with + it lists what the extensions hold.
func extensions(ctx context.Context, r *Reader, f flags, pattern string) error {
	if !f.more {
		l := &listing{
			title: "List of installed extensions",
			columns: []listed{
				{"Name", "e.extname", always},
				{"Version", "e.extversion", always},
				{"Default version", "a.default_version", always},
				{"Schema", "n.nspname", always},
				{"Description", description("e.oid", "pg_extension"), always},
			},
			from:  "@pg_extension e LEFT JOIN @pg_namespace n ON n.oid = e.extnamespace LEFT JOIN @pg_available_extensions a ON a.name = e.extname",
			match: matched{name: "e.extname"}, order: "1",
		}
		return l.run(ctx, r, f, pattern)
	}
	l := &listing{columns: []listed{{"oid", "e.oid", always}, {"name", "e.extname", always}}, from: "@pg_extension e", match: matched{name: "e.extname"}, order: "2"}
	return r.forEach(ctx, l, pattern, "extension", func(oid, name string) error {
		g, err := r.Fetch(ctx, catalog(`SELECT @pg_describe_object(classid, objid, 0) AS "Object description" FROM @pg_depend
WHERE refclassid = 'pg_catalog.pg_extension'::@regclass AND refobjid = `+oid+` AND deptype = 'e' ORDER BY 1`))
		if err != nil {
			return err
		}
		return r.table(g, fmt.Sprintf(`Objects in extension "%s"`, name), f, nil)
	})
}

// forEach calls show with the first two columns, as text, of each object that matches the pattern.
func (r *Reader) forEach(ctx context.Context, l *listing, pattern, what string, show func(oid, name string) error) error {
	sql, err := l.sql(flags{}, pattern, r.Database)
	if err != nil {
		return r.Wrong(err.Error())
	}
	g, err := r.Fetch(ctx, sql)
	if err != nil {
		return err
	}
	if len(g.Rows) == 0 {
		if pattern == "" {
			return r.Wrong("Did not find any " + what + "s.")
		}
		return r.Wrong(fmt.Sprintf(`Did not find any %s named "%s".`, what, pattern))
	}
	for row := range g.Rows {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := show(g.Text(row, 0), g.Text(row, 1)); err != nil {
			return err
		}
	}
	return nil
}
