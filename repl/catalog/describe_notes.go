package catalog

import (
	"fmt"
	"strings"
)

// indexNotes adds the line that says what kind of index it is.
func (rel *relation) indexNotes(n *notes, f flags) {
	if rel.isPartition {
		rel.partitionNotes(n, flags{})
	}
	n.add(`SELECT @concat_ws(', ', CASE WHEN i.indisprimary THEN 'primary key' WHEN i.indisunique AND i.indnullsnotdistinct THEN 'unique nulls not distinct' WHEN i.indisunique THEN 'unique' END,
    a.amname, @format('for table "%s.%s"', n.nspname, t.relname), 'predicate (' || @pg_get_expr(i.indpred, i.indrelid, true) || ')',
    CASE WHEN i.indisclustered THEN 'clustered' END, CASE WHEN NOT i.indisvalid THEN 'invalid' END, CASE WHEN c.condeferrable THEN 'deferrable' END,
    CASE WHEN c.condeferred THEN 'initially deferred' END, CASE WHEN i.indisreplident THEN 'replica identity' END)
FROM @pg_index i JOIN @pg_class x ON x.oid = i.indexrelid JOIN @pg_am a ON a.oid = x.relam JOIN @pg_class t ON t.oid = i.indrelid JOIN @pg_namespace n ON n.oid = t.relnamespace
  LEFT JOIN @pg_constraint c ON c.conindid = i.indexrelid AND c.conrelid = i.indrelid AND c.contype IN ('p', 'u', 'x') WHERE i.indexrelid = ` + rel.oid)
	rel.partitionsOf(n, f)
	rel.tablespaceNote(n)
	if f.more && rel.kind == "I" {
		n.lines = append(n.lines, "Access method: "+rel.method)
	}
	rel.optionsNote(n, f)
}

// tableNotes adds all that is told of tables, views and their like, in psql's order.
func (rel *relation) tableNotes(n *notes, f flags, hideMethod bool) {
	switch {
	case rel.kind == "v" || rel.kind == "m":
		rel.viewNotes(n, f)
	}
	if rel.isPartition {
		rel.partitionNotes(n, f)
	}
	if rel.kind == "p" {
		n.add(`SELECT 'Partition key: ' || @pg_get_partkeydef(` + rel.oid + `)`)
	}
	if rel.kind == "t" {
		n.add(`SELECT @format('Owning table: "%s.%s"', n.nspname, c.relname) FROM @pg_class c JOIN @pg_namespace n ON n.oid = c.relnamespace WHERE c.reltoastrelid = ` + rel.oid)
	}
	rel.indexesNote(n)
	if rel.kind != "v" && rel.kind != "m" && rel.kind != "c" {
		rel.constraintNotes(n)
	}
	rel.policyNotes(n)
	rel.statisticsNote(n)
	if rel.kind != "v" && rel.kind != "m" {
		rel.ruleNotes(n)
	}
	rel.publicationNotes(n)
	if f.more && rel.kind != "v" && rel.kind != "m" {
		rel.notNullNotes(n)
	}
	if f.more && (rel.kind == "v" || rel.kind == "m") {
		rel.viewRules(n)
	}
	rel.triggerNotes(n)
	if rel.kind == "f" {
		n.add(`SELECT 'Server: ' || s.srvname FROM @pg_foreign_table f JOIN @pg_foreign_server s ON s.oid = f.ftserver WHERE f.ftrelid = ` + rel.oid)
		n.add(`SELECT 'FDW options: ' || ` + options("f.ftoptions") + ` FROM @pg_foreign_table f WHERE f.ftrelid = ` + rel.oid + ` AND @array_length(f.ftoptions, 1) > 0`)
	}
	rel.inheritanceNotes(n, f)
	if rel.isTyped {
		n.add(`SELECT 'Typed table of type: ' || @format_type(reloftype, NULL) FROM @pg_class WHERE oid = ` + rel.oid)
	}
	rel.storageNotes(n, f, hideMethod)
}

func (rel *relation) viewNotes(n *notes, f flags) {
	if !f.more {
		return
	}
	n.list("View definition:", "SELECT @pg_get_viewdef("+rel.oid+", true)")
}

func (rel *relation) partitionNotes(n *notes, f flags) {
	n.add(`SELECT 'Partition of: ' || i.inhparent::@regclass || ' ' || coalesce(@pg_get_expr(c.relpartbound, c.oid), '') || CASE WHEN i.inhdetachpending THEN ' DETACH PENDING' ELSE '' END
FROM @pg_class c JOIN @pg_inherits i ON i.inhrelid = c.oid WHERE c.oid = ` + rel.oid)
	if f.more {
		n.add("SELECT coalesce('Partition constraint: ' || @pg_get_partition_constraintdef(" + rel.oid + "), 'No partition constraint')")
	}
}

func (rel *relation) indexesNote(n *notes) {
	if rel.kind != "r" && rel.kind != "m" && rel.kind != "p" && rel.kind != "t" {
		return
	}
	n.list("Indexes:", `SELECT '    "' || x.relname || '"' || CASE WHEN c.contype = 'x' THEN ' ' || @pg_get_constraintdef(c.oid, true) WHEN `+field("c", "conperiod")+`::@bool AND c.contype IN ('p', 'u') THEN ' ' || @pg_get_constraintdef(c.oid, true) ELSE
    CASE WHEN i.indisprimary THEN ' PRIMARY KEY,' WHEN i.indisunique AND c.contype = 'u' THEN ' UNIQUE CONSTRAINT,' WHEN i.indisunique THEN ' UNIQUE,' ELSE '' END
    || @substring(@pg_get_indexdef(i.indexrelid, 0, true), @strpos(@pg_get_indexdef(i.indexrelid, 0, true), ' USING ') + 6)
    || CASE WHEN c.condeferrable THEN ' DEFERRABLE' ELSE '' END || CASE WHEN c.condeferred THEN ' INITIALLY DEFERRED' ELSE '' END END
    || CASE WHEN i.indisclustered THEN ' CLUSTER' ELSE '' END || CASE WHEN NOT i.indisvalid THEN ' INVALID' ELSE '' END || CASE WHEN i.indisreplident THEN ' REPLICA IDENTITY' ELSE '' END
    || CASE WHEN x.reltablespace <> 0 THEN ', tablespace "' || (SELECT spcname FROM @pg_tablespace s WHERE s.oid = x.reltablespace) || '"' ELSE '' END
FROM @pg_index i JOIN @pg_class x ON x.oid = i.indexrelid LEFT JOIN @pg_constraint c ON c.conrelid = i.indrelid AND c.conindid = i.indexrelid AND c.contype IN ('p', 'u', 'x')
WHERE i.indrelid = `+rel.oid+` ORDER BY i.indisprimary DESC, x.relname`)
}

func (rel *relation) constraintNotes(n *notes) {
	n.list("Check constraints:", `SELECT @format('    "%s" %s', conname, @pg_get_constraintdef(oid, true)) FROM @pg_constraint WHERE conrelid = `+rel.oid+` AND contype = 'c' ORDER BY conname`)
	n.list("Foreign-key constraints:", `SELECT CASE WHEN conrelid <> `+rel.oid+` THEN @format('    TABLE "%s" CONSTRAINT "%s" %s', conrelid::@regclass, conname, @pg_get_constraintdef(oid, true))
    ELSE @format('    "%s" %s', conname, @pg_get_constraintdef(oid, true)) END
FROM @pg_constraint WHERE contype = 'f' AND conparentid = 0 AND (conrelid = `+rel.oid+` OR conrelid IN (SELECT relid FROM @pg_partition_ancestors(`+rel.oid+`))) ORDER BY conrelid = `+rel.oid+` DESC, conname`)
	n.list("Referenced by:", `SELECT @format('    TABLE "%s" CONSTRAINT "%s" %s', conrelid::@regclass, conname, @pg_get_constraintdef(oid, true))
FROM @pg_constraint WHERE contype = 'f' AND conparentid = 0 AND (confrelid = `+rel.oid+` OR confrelid IN (SELECT relid FROM @pg_partition_ancestors(`+rel.oid+`))) ORDER BY conname`)
}

func (rel *relation) policyNotes(n *notes) {
	if rel.kind != "r" && rel.kind != "p" {
		return
	}
	lines := n.query(`SELECT '    POLICY "' || polname || '"' || CASE WHEN NOT polpermissive THEN ' AS RESTRICTIVE' ELSE '' END
    || CASE polcmd WHEN 'r' THEN ' FOR SELECT' WHEN 'a' THEN ' FOR INSERT' WHEN 'w' THEN ' FOR UPDATE' WHEN 'd' THEN ' FOR DELETE' ELSE '' END
    || CASE WHEN polroles <> '{0}' THEN E'\n      TO ' || (SELECT @string_agg(rolname, ',' ORDER BY rolname) FROM @pg_roles WHERE oid = ANY (polroles)) ELSE '' END
    || coalesce(E'\n      USING (' || @pg_get_expr(polqual, polrelid) || ')', '') || coalesce(E'\n      WITH CHECK (' || @pg_get_expr(polwithcheck, polrelid) || ')', '')
FROM @pg_policy WHERE polrelid = ` + rel.oid + ` ORDER BY polname`)
	head := ""
	switch {
	case rel.rowSecurity && !rel.forced && len(lines) > 0:
		head = "Policies:"
	case rel.rowSecurity && rel.forced && len(lines) > 0:
		head = "Policies (forced row security enabled):"
	case rel.rowSecurity && !rel.forced:
		head = "Policies (row security enabled): (none)"
	case rel.rowSecurity:
		head = "Policies (forced row security enabled): (none)"
	case len(lines) > 0:
		head = "Policies (row security disabled):"
	default:
		return
	}
	n.lines = append(append(n.lines, head), lines...)
}

func (rel *relation) statisticsNote(n *notes) {
	n.list("Statistics objects:", `SELECT @format('    "%s.%s"', s.stxnamespace::@regnamespace, s.stxname)
    || CASE WHEN ('d' = ANY (s.stxkind)) = ('f' = ANY (s.stxkind)) AND ('f' = ANY (s.stxkind)) = ('m' = ANY (s.stxkind)) THEN '' ELSE ' (' || @concat_ws(', ', CASE WHEN 'd' = ANY (s.stxkind) THEN 'ndistinct' END, CASE WHEN 'f' = ANY (s.stxkind) THEN 'dependencies' END, CASE WHEN 'm' = ANY (s.stxkind) THEN 'mcv' END) || ')' END
    || @format(' ON %s FROM %s', @pg_get_statisticsobjdef_columns(s.oid), s.stxrelid::@regclass)
    || CASE WHEN s.stxstattarget IS NOT NULL AND s.stxstattarget <> -1 THEN '; STATISTICS ' || s.stxstattarget ELSE '' END
FROM @pg_statistic_ext s WHERE s.stxrelid = `+rel.oid+` ORDER BY s.stxnamespace::@regnamespace::@text, s.stxname`)
}

func (rel *relation) ruleNotes(n *notes) {
	if !rel.hasRules {
		return
	}
	for _, group := range [][2]string{{"Rules:", "r.ev_enabled = 'O'"}, {"Disabled rules:", "r.ev_enabled = 'D'"}, {"Rules firing always:", "r.ev_enabled = 'A'"}, {"Rules firing on replica only:", "r.ev_enabled = 'R'"}} {
		n.list(group[0], `SELECT '    ' || @btrim(@replace(@regexp_replace(@pg_get_ruledef(r.oid, true), '^CREATE RULE ', ''), E'\n ', E'\n '), ';') FROM @pg_rewrite r WHERE r.ev_class = `+rel.oid+` AND `+group[1]+` ORDER BY r.rulename`)
	}
}

func (rel *relation) viewRules(n *notes) {
	if rel.hasRules {
		n.list("Rules:", `SELECT ' ' || @rtrim(@regexp_replace(@pg_get_ruledef(r.oid, true), '^CREATE RULE ', ''), ';') FROM @pg_rewrite r WHERE r.ev_class = `+rel.oid+` AND r.rulename <> '_RETURN' ORDER BY r.rulename`)
	}
}

func (rel *relation) publicationNotes(n *notes) {
	if rel.kind != "r" && rel.kind != "p" {
		return
	}
	n.list("Publications:", `SELECT '    "' || p.pubname || '"' || p.details FROM (
  SELECT pubname, '' AS details FROM @pg_publication JOIN @pg_publication_namespace s ON s.pnpubid = @pg_publication.oid JOIN @pg_class c ON c.relnamespace = s.pnnspid WHERE c.oid = `+rel.oid+` AND @pg_relation_is_publishable(c.oid)
  UNION SELECT pubname, coalesce(' (' || (SELECT @string_agg(a.attname, ', ' ORDER BY a.attnum) FROM @pg_attribute a WHERE a.attrelid = t.prrelid AND a.attnum = ANY (t.prattrs::@int2[])) || ')', '')
    || coalesce(' WHERE ' || @pg_get_expr(t.prqual, t.prrelid), '') FROM @pg_publication JOIN @pg_publication_rel t ON t.prpubid = @pg_publication.oid WHERE t.prrelid = `+rel.oid+`
  UNION SELECT pubname, '' FROM @pg_publication WHERE puballtables AND @pg_relation_is_publishable(`+rel.oid+`)) p ORDER BY 1`)
}

func (rel *relation) notNullNotes(n *notes) {
	n.list("Not-null constraints:", `SELECT @format('    "%s" NOT NULL "%s"', c.conname, a.attname) || CASE WHEN c.connoinherit THEN ' NO INHERIT' WHEN c.conislocal AND c.coninhcount > 0 THEN ' (local, inherited)' WHEN c.coninhcount > 0 THEN ' (inherited)' ELSE '' END
    || CASE WHEN NOT c.convalidated THEN ' NOT VALID' ELSE '' END
FROM @pg_constraint c JOIN @pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1] WHERE c.contype = 'n' AND c.conrelid = `+rel.oid+` ORDER BY a.attnum`)
}

// triggerNotes adds the triggers, in groups by when they fire.
func (rel *relation) triggerNotes(n *notes) {
	if !rel.hasTrigger {
		return
	}
	for _, group := range [][2]string{
		{"Triggers:", "NOT t.tgisinternal AND t.tgenabled = 'O'"},
		{"Disabled user triggers:", "NOT t.tgisinternal AND t.tgenabled = 'D'"},
		{"Disabled internal triggers:", "t.tgisinternal AND t.tgenabled = 'D'"},
		{"Triggers firing always:", "NOT t.tgisinternal AND t.tgenabled = 'A'"},
		{"Triggers firing on replica only:", "NOT t.tgisinternal AND t.tgenabled = 'R'"},
	} {
		n.list(group[0], `SELECT '    ' || @regexp_replace(@pg_get_triggerdef(t.oid, true), '^CREATE (CONSTRAINT )?TRIGGER ', '')
    || CASE WHEN t.tgparentid <> 0 THEN coalesce(', ON TABLE ' || (SELECT a.relid::@regclass FROM @pg_partition_ancestors(t.tgrelid) WITH ORDINALITY a(relid, depth) JOIN @pg_trigger u ON u.tgname = t.tgname AND u.tgrelid = a.relid AND u.tgparentid = 0 ORDER BY a.depth LIMIT 1)::@text, '') ELSE '' END
FROM @pg_trigger t WHERE t.tgrelid = `+rel.oid+` AND `+group[1]+` ORDER BY t.tgname`)
	}
}

func (rel *relation) inheritanceNotes(n *notes, f flags) {
	if rel.kind != "r" && rel.kind != "p" && rel.kind != "f" {
		return
	}
	if !rel.isPartition {
		n.lines = append(n.lines, joined("Inherits: ", n.query(`SELECT i.inhparent::@regclass FROM @pg_inherits i JOIN @pg_class c ON c.oid = i.inhparent WHERE i.inhrelid = `+rel.oid+` AND c.relkind NOT IN ('p', 'I') ORDER BY i.inhseqno`))...)
	}
	rel.partitionsOf(n, f)
}

// partitionsOf adds the partitions or child tables, or how many there are.
func (rel *relation) partitionsOf(n *notes, f flags) {
	children := n.query(`SELECT i.inhrelid::@regclass || CASE WHEN c.relpartbound IS NULL THEN '' ELSE ' ' || @pg_get_expr(c.relpartbound, i.inhrelid) END
    || CASE WHEN c.relkind IN ('p', 'I') THEN CASE WHEN c.relispartition THEN ', PARTITIONED' ELSE '' END WHEN c.relkind = 'f' THEN ', FOREIGN' ELSE '' END || CASE WHEN i.inhdetachpending THEN ' (DETACH PENDING)' ELSE '' END
FROM @pg_inherits i JOIN @pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = ` + rel.oid + `
ORDER BY @pg_get_expr(c.relpartbound, i.inhrelid) = 'DEFAULT', i.inhrelid::@regclass::@text`)
	what, each := "Number of child tables", "Child tables: "
	if rel.kind == "p" || rel.kind == "I" {
		what, each = "Number of partitions", "Partitions: "
	}
	switch {
	case len(children) == 0 && (rel.kind == "p" || rel.kind == "I"):
		n.lines = append(n.lines, "Number of partitions: 0")
	case len(children) == 0:
	case f.more:
		n.lines = append(n.lines, joined(each, children)...)
	default:
		n.lines = append(n.lines, count(len(children), what))
	}
}

// joined returns the items as lines under each other behind a label.
func joined(label string, items []string) []string {
	lines := make([]string, len(items))
	for i, item := range items {
		before, after := strings.Repeat(" ", len(label)), ","
		if i == 0 {
			before = label
		}
		if i == len(items)-1 {
			after = ""
		}
		lines[i] = before + item + after
	}
	return lines
}

func (rel *relation) storageNotes(n *notes, f flags, hideMethod bool) {
	if f.more && (rel.kind == "r" || rel.kind == "m" || rel.kind == "p") && rel.schema != "pg_catalog" {
		switch rel.identity {
		case "f":
			n.lines = append(n.lines, "Replica Identity: FULL")
		case "n":
			n.lines = append(n.lines, "Replica Identity: NOTHING")
		}
	}
	rel.tablespaceNote(n)
	if f.more && rel.method != "" && !hideMethod {
		n.lines = append(n.lines, "Access method: "+rel.method)
	}
	rel.optionsNote(n, f)
}

func (rel *relation) optionsNote(n *notes, f flags) {
	if f.more && rel.options != "" {
		n.lines = append(n.lines, "Options: "+rel.options)
	}
}

func (rel *relation) tablespaceNote(n *notes) {
	if rel.tablespace != "" {
		n.lines = append(n.lines, fmt.Sprintf(`Tablespace: "%s"`, rel.tablespace))
	}
}
