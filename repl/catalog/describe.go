package catalog

import (
	"context"
	"fmt"
	"strconv"
)

// relation is what \d has to know of a relation to describe it.
type relation struct {
	oid, schema, name    string
	kind                 string // relkind
	persistence          string
	isPartition, isTyped bool
	hasRules, hasTrigger bool
	rowSecurity, forced  bool
	identity             string // relreplident
	tablespace, method   string
	options              string
}

// describeRelations is \d: without a pattern it lists relations, with one it describes each relation that matches.
func describeRelations(ctx context.Context, r *Reader, f flags, pattern string) error {
	if pattern == "" {
		f.letters = "tvmsE"
		return listRelations(ctx, r, f, "")
	}
	l := &listing{
		columns: []listed{{"oid", "c.oid", always}, {"name", "c.relname", always}, {"schema", "n.nspname", always}},
		from:    "@pg_class c LEFT JOIN @pg_namespace n ON n.oid = c.relnamespace",
		match:   matched{schema: "n.nspname", name: "c.relname", visible: "@pg_table_is_visible(c.oid)"}, order: "3, 2",
	}
	return r.forEach(ctx, l, pattern, "relation", func(oid, _ string) error { return r.describeRelation(ctx, f, oid) })
}

func (r *Reader) describeRelation(ctx context.Context, f flags, oid string) error {
	rel, err := r.relation(ctx, oid)
	if err != nil {
		return err
	}
	if rel.kind == "S" {
		return r.describeSequence(ctx, f, rel)
	}
	g, err := r.Fetch(ctx, catalog(rel.columnsQuery(f, r.HideCompression)))
	if err != nil {
		return err
	}
	n := &notes{r: r, ctx: ctx, lines: []string{}}
	switch rel.kind {
	case "i", "I":
		rel.indexNotes(n, f)
	case "v", "m", "r", "p", "f", "t", "c":
		rel.tableNotes(n, f, r.HideMethods)
	}
	if n.err != nil {
		return n.err
	}
	return r.Table(g, Look{Title: rel.title(), Footers: n.lines, Fixed: true})
}

// relation reads what is to be known of a relation.
func (r *Reader) relation(ctx context.Context, oid string) (*relation, error) {
	g, err := r.Fetch(ctx, catalog(`SELECT n.nspname, c.relname, c.relkind, c.relpersistence, c.relispartition, c.reloftype <> 0, c.relhasrules, c.relhastriggers,
  c.relrowsecurity, c.relforcerowsecurity, c.relreplident, coalesce(t.spcname, ''), coalesce(a.amname, ''),
  @array_to_string(c.reloptions || ARRAY(SELECT 'toast.' || x FROM @unnest(s.reloptions) x), ', ')
FROM @pg_class c JOIN @pg_namespace n ON n.oid = c.relnamespace LEFT JOIN @pg_tablespace t ON t.oid = c.reltablespace
  LEFT JOIN @pg_am a ON a.oid = c.relam LEFT JOIN @pg_class s ON s.oid = c.reltoastrelid WHERE c.oid = `+oid))
	if err != nil {
		return nil, err
	}
	if len(g.Rows) == 0 {
		return nil, r.Wrong("Did not find any relation with OID " + oid + ".")
	}
	text := func(i int) string { return g.Text(0, i) }
	is := func(i int) bool { return text(i) == "t" }
	return &relation{
		oid: oid, schema: text(0), name: text(1), kind: text(2), persistence: text(3), isPartition: is(4), isTyped: is(5), hasRules: is(6), hasTrigger: is(7),
		rowSecurity: is(8), forced: is(9), identity: text(10), tablespace: text(11), method: text(12), options: text(13),
	}, nil
}

// title returns the line above the description.
func (rel *relation) title() string {
	kinds := map[string]string{
		"r": "Table", "v": "View", "m": "Materialized view", "i": "Index", "I": "Partitioned index", "S": "Sequence", "t": "TOAST table",
		"c": "Composite type", "f": "Foreign table", "p": "Partitioned table",
	}
	kind, known := kinds[rel.kind]
	if !known {
		return fmt.Sprintf(`?%s? "%s.%s"`, rel.kind, rel.schema, rel.name)
	}
	unlogged := map[string]string{
		"r": "Unlogged table", "i": "Unlogged index", "I": "Unlogged partitioned index", "p": "Unlogged partitioned table",
		"S": "Unlogged sequence", "m": "Unlogged materialized view",
	}
	if rel.persistence == "u" && unlogged[rel.kind] != "" {
		kind = unlogged[rel.kind]
	}
	return fmt.Sprintf(`%s "%s.%s"`, kind, rel.schema, rel.name)
}

// columnsQuery returns the query for the columns of the relation.
func (rel *relation) columnsQuery(f flags, hideCompression bool) string {
	columns := []listed{{"Column", "a.attname", always}, {"Type", "@format_type(a.atttypid, a.atttypmod)", always}}
	index := rel.kind == "i" || rel.kind == "I"
	table := rel.kind == "r" || rel.kind == "m" || rel.kind == "p" || rel.kind == "f"
	switch {
	case index:
		columns = append(columns, listed{"Key?", "CASE WHEN a.attnum <= (SELECT i.indnkeyatts FROM @pg_index i WHERE i.indexrelid = a.attrelid) THEN 'yes' ELSE 'no' END", always},
			listed{"Definition", "@pg_get_indexdef(a.attrelid, a.attnum, true)", always})
	case rel.kind == "t":
	default:
		columns = append(columns,
			listed{"Collation", "(SELECT c.collname FROM @pg_collation c JOIN @pg_type t ON t.oid = a.atttypid WHERE c.oid = a.attcollation AND a.attcollation <> t.typcollation)", always},
			listed{"Nullable", "CASE WHEN a.attnotnull THEN 'not null' ELSE '' END", always}, listed{"Default", columnDefault, always})
	}
	if rel.kind == "f" {
		columns = append(columns, listed{"FDW options", options("a.attfdwoptions"), always})
	}
	if rel.kind != "c" || f.more {
		columns = append(columns, listed{"Storage", "CASE a.attstorage WHEN 'p' THEN 'plain' WHEN 'e' THEN 'external' WHEN 'm' THEN 'main' WHEN 'x' THEN 'extended' END", more})
	}
	if (rel.kind == "r" || rel.kind == "m" || rel.kind == "p") && !hideCompression {
		columns = append(columns, listed{"Compression", "CASE a.attcompression WHEN 'p' THEN 'pglz' WHEN 'l' THEN 'lz4' ELSE '' END", more})
	}
	if table || index {
		columns = append(columns, listed{"Stats target", "CASE WHEN a.attstattarget = -1 THEN NULL ELSE a.attstattarget::@text END", more})
	}
	if !index && rel.kind != "t" {
		columns = append(columns, listed{"Description", "@col_description(a.attrelid, a.attnum)", more})
	}
	l := &listing{columns: columns, from: "@pg_attribute a", where: "a.attrelid = " + rel.oid + " AND a.attnum > 0 AND NOT a.attisdropped", order: "a.attnum"}
	sql, _ := l.sql(f, "", "") // there is no pattern that could be wrong
	return sql
}

// columnDefault is what a column has when nothing is given for it.
const columnDefault = `CASE WHEN a.attidentity = 'a' THEN 'generated always as identity' WHEN a.attidentity = 'd' THEN 'generated by default as identity'
    ELSE coalesce((SELECT CASE a.attgenerated WHEN 's' THEN 'generated always as (' || @pg_get_expr(d.adbin, d.adrelid, true) || ') stored'
      WHEN 'v' THEN 'generated always as (' || @pg_get_expr(d.adbin, d.adrelid, true) || ')' ELSE @pg_get_expr(d.adbin, d.adrelid, true) END
      FROM @pg_attrdef d WHERE d.adrelid = a.attrelid AND d.adnum = a.attnum AND a.atthasdef), '') END`

// describeSequence describes a sequence.
func (r *Reader) describeSequence(ctx context.Context, f flags, rel *relation) error {
	g, err := r.Fetch(ctx, catalog(`SELECT @format_type(seqtypid, NULL) AS "Type", seqstart AS "Start", seqmin AS "Minimum", seqmax AS "Maximum", seqincrement AS "Increment",
  CASE WHEN seqcycle THEN 'yes' ELSE 'no' END AS "Cycles?", seqcache AS "Cache" FROM @pg_sequence WHERE seqrelid = `+rel.oid))
	if err != nil {
		return err
	}
	n := &notes{r: r, ctx: ctx, lines: []string{}}
	n.add(`SELECT CASE d.deptype WHEN 'a' THEN 'Owned by: ' ELSE 'Sequence for identity column: ' END || @quote_ident(s.nspname) || '.' || @quote_ident(c.relname) || '.' || @quote_ident(a.attname)
FROM @pg_depend d JOIN @pg_class c ON c.oid = d.refobjid JOIN @pg_namespace s ON s.oid = c.relnamespace JOIN @pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.refobjsubid
WHERE d.classid = 'pg_catalog.pg_class'::@regclass AND d.refclassid = 'pg_catalog.pg_class'::@regclass AND d.objid = ` + rel.oid + ` AND d.deptype IN ('a', 'i')`)
	if n.err != nil {
		return n.err
	}
	return r.table(g, rel.title(), f, n.lines)
}

// count formats a number of something for a note.
func count(n int, what string) string {
	return what + ": " + strconv.Itoa(n) + " (Use \\d+ to list them.)"
}
