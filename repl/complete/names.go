package complete

import (
	"fmt"
	"strings"

	"github.com/pglite-toolbox/pglite/repl/lex"
)

// source is where names of a kind come from. In its SQL @ stands for the schema pg_catalog.
type source struct {
	name    string // an expression
	from    string
	where   string
	schema  string // an expression for the schema's identifier, where a name may stand behind its schema
	visible string // is true of what can be named without its schema
	plain   bool   // the names are no identifiers
	call    bool   // the names are followed by arguments
}

// relations returns the source of relations of some kinds.
func relations(kinds string) source {
	return source{
		name: "c.relname", from: "@pg_class c", where: "c.relkind IN (" + kinds + ")", schema: "c.relnamespace",
		visible: "@pg_table_is_visible(c.oid)",
	}
}

// routines returns the source of functions and procedures that a condition is true of.
func routines(where string) source {
	return source{
		name: "p.proname", from: "@pg_proc p", where: where, schema: "p.pronamespace", visible: "@pg_function_is_visible(p.oid)",
	}
}

// types returns the source of types that a condition is true of, by the names that SQL has for them.
func types(where string) source {
	return source{
		name: "t.typname", from: "@pg_type t", where: where, schema: "t.typnamespace", visible: "@pg_type_is_visible(t.oid)",
	}
}

// listed returns the source of objects in a catalog with columns for the name and the schema, and a function that tells
// whether one is visible.
func listed(catalog, prefix, visible string) source {
	return source{
		name: "o." + prefix + "name", from: "@" + catalog + " o", schema: "o." + prefix + "namespace",
		visible: "@" + visible + "(o.oid)",
	}
}

// global returns the source of objects without a schema.
func global(catalog, name string) source { return source{name: name, from: "@" + catalog} }

// settings returns the source of parameters of the server that a condition is true of.
func settings(where string) source {
	return source{name: "@lower(name)", from: "@pg_settings", where: where, plain: true}
}

// ofRelation returns the source of what belongs to the relation {of}.
func ofRelation(catalog, name, relation, where string) source {
	return source{name: name, from: "@" + catalog, where: relation + " = @to_regclass({of})" + where}
}

// tablesWith returns the source of tables that have something of the name {of}.
func tablesWith(catalog, name, relation string) source {
	s := relations("'r','p','v','m','f'")
	s.where += fmt.Sprintf(" AND c.oid IN (SELECT %s FROM @%s WHERE @quote_ident(%s) = {of})", relation, catalog, name)
	return s
}

const notArrays = "NOT EXISTS (SELECT FROM @pg_type e WHERE e.oid = t.typelem AND e.typarray = t.oid) AND " +
	"(t.typrelid = 0 OR (SELECT k.relkind = 'c' FROM @pg_class k WHERE k.oid = t.typrelid))"

// sources are where the names of each kind come from.
var sources = map[string]source{
	"relations":         relations("'r','p','v','m','S','f','i','I','c'"),
	"tables":            relations("'r','p'"),
	"views":             relations("'v'"),
	"matviews":          relations("'m'"),
	"sequences":         relations("'S'"),
	"indexes":           relations("'i','I'"),
	"foreigntables":     relations("'f'"),
	"partitioned":       relations("'p','I'"),
	"partitionedtables": relations("'p'"),
	"composites":        types("t.typrelid <> 0 AND (SELECT k.relkind = 'c' FROM @pg_class k WHERE k.oid = t.typrelid)"),
	"selectables":       relations("'r','p','v','m','f','S'"),
	"updatables":        relations("'r','p','v','f'"),
	"truncatables":      relations("'r','p','f'"),
	"analyzables":       relations("'r','p','m','f'"),
	"indexables":        relations("'r','p','m'"),
	"relationsdot":      relations("'r','p','v','m','f','c'"),
	"copied":            relations("'r','p','v','m','f'"),
	"functions":         routines("p.prokind IN ('f','w')"),
	"procedures":        routines("p.prokind = 'p'"),
	"routines":          routines("true"),
	"aggregates":        routines("p.prokind = 'a'"),
	"calls":             {name: "p.proname", from: "@pg_proc p", where: "p.prokind <> 'p'", schema: "p.pronamespace", visible: "@pg_function_is_visible(p.oid)", call: true},
	"types":             types(notArrays),
	"domains":           types("t.typtype = 'd'"),
	"collations":        listed("pg_collation", "coll", "pg_collation_is_visible"),
	"conversions":       listed("pg_conversion", "con", "pg_conversion_is_visible"),
	"statistics":        listed("pg_statistic_ext", "stx", "pg_statistics_obj_is_visible"),
	"tsconfigurations":  listed("pg_ts_config", "cfg", "pg_ts_config_is_visible"),
	"tsdictionaries":    listed("pg_ts_dict", "dict", "pg_ts_dict_is_visible"),
	"tsparsers":         listed("pg_ts_parser", "prs", "pg_ts_parser_is_visible"),
	"tstemplates":       listed("pg_ts_template", "tmpl", "pg_ts_template_is_visible"),

	"databases":           global("pg_database", "datname"),
	"roles":               global("pg_roles", "rolname"),
	"tablespaces":         global("pg_tablespace", "spcname"),
	"schemas":             {name: "nspname", from: "@pg_namespace", where: `nspname !~ '^pg_(toast|temp)'`},
	"extensions":          global("pg_extension", "extname"),
	"availableextensions": {name: "name", from: "@pg_available_extensions", where: "installed_version IS NULL"},
	"languages":           {name: "lanname", from: "@pg_language", where: "lanname <> 'internal'"},
	"wrappers":            global("pg_foreign_data_wrapper", "fdwname"),
	"servers":             global("pg_foreign_server", "srvname"),
	"methods":             global("pg_am", "amname"),
	"indexmethods":        {name: "amname", from: "@pg_am", where: "amtype = 'i'"},
	"tablemethods":        {name: "amname", from: "@pg_am", where: "amtype = 't'"},
	"eventtriggers":       global("pg_event_trigger", "evtname"),
	"publications":        global("pg_publication", "pubname"),
	"subscriptions":       global("pg_subscription", "subname"),
	"policies":            global("pg_policy", "polname"),
	"rules":               {name: "rulename", from: "@pg_rewrite", where: "rulename <> '_RETURN'"},
	"triggers":            {name: "tgname", from: "@pg_trigger", where: "NOT tgisinternal"},
	"constraints":         {name: "conname", from: "@pg_constraint", where: "conrelid <> 0"},
	"mappings":            global("pg_user_mappings", "usename"),
	"largeobjects":        {name: "oid::@text", from: "@pg_largeobject_metadata", plain: true},
	"prepared":            global("pg_prepared_statements", "name"),
	"cursors":             global("pg_cursors", "name"),
	"channels":            {name: "channel", from: "@pg_listening_channels() channel"},
	"encodings":           {name: "@pg_encoding_to_char(conforencoding)", from: "@pg_conversion", plain: true},
	"samplemethods":       {name: "proname", from: "@pg_proc", where: "prorettype = '@tsm_handler'::@regtype AND proargtypes[0] = '@internal'::@regtype"},
	"timezones":           {name: "@quote_literal(name)", from: "@pg_timezone_names()", plain: true},
	"settings":            settings("context IN ('user', 'superuser')"),
	"shown":               settings("true"),
	"systemsettings":      settings("context <> 'internal'"),
	"settingvalues": {
		name:  "value",
		from:  "@pg_settings s, LATERAL @unnest(CASE s.vartype WHEN 'bool' THEN ARRAY['on', 'off', 'true', 'false', 'yes', 'no', '1', '0'] ELSE s.enumvals END) value",
		where: "@lower(s.name) = @lower({of})", plain: true,
	},
	"extensionversions": {name: "version", from: "@pg_available_extension_versions", where: "@quote_ident(name) = {of}"},

	"columns": {name: "attname", from: "@pg_attribute", where: "attrelid = @to_regclass({of}) AND attnum > 0 AND NOT attisdropped"},
	"labels":  {name: "@quote_literal(enumlabel)", from: "@pg_enum", where: "enumtypid = @to_regtype({of})", plain: true},
	"arguments": {
		name: "@oidvectortypes(proargtypes) || ')'", from: "@pg_proc", plain: true,
		where: "@quote_ident(proname) = {last} AND ({schema} = '' OR @quote_ident(pronamespace::@regnamespace::@text) = {schema} OR pronamespace::@regnamespace::@text = {schema})",
	},
	"indexesof": {name: "c.relname", from: "@pg_index i JOIN @pg_class c ON c.oid = i.indexrelid", where: "i.indrelid = @to_regclass({of})"},
	"partitionsof": {
		name: "c.relname", from: "@pg_inherits i JOIN @pg_class c ON c.oid = i.inhrelid", where: "i.inhparent = @to_regclass({of})",
		schema: "c.relnamespace", visible: "@pg_table_is_visible(c.oid)",
	},
	"rulesof":              ofRelation("pg_rewrite", "rulename", "ev_class", ""),
	"triggersof":           ofRelation("pg_trigger", "tgname", "tgrelid", " AND NOT tgisinternal"),
	"constraintsof":        ofRelation("pg_constraint", "conname", "conrelid", ""),
	"constraintsoftype":    {name: "conname", from: "@pg_constraint", where: "contypid = @to_regtype({of})"},
	"tableswithtrigger":    tablesWith("pg_trigger", "tgname", "tgrelid"),
	"tableswithpolicy":     tablesWith("pg_policy", "polname", "polrelid"),
	"tableswithrule":       tablesWith("pg_rewrite", "rulename", "ev_class"),
	"tableswithconstraint": tablesWith("pg_constraint", "conname", "conrelid"),
}

// limit is how many names of a kind are offered.
const limit = 1000

// Query returns the query for names of a kind that begin with a word, of an object where the kind wants one. It returns
// "" for a kind that there is not, and for a name with a schema where there are no schemas.
func Query(kind, word, of string) string {
	s, known := sources[kind]
	if !known {
		return ""
	}
	qualifier, last, qualified := splitName(word)
	sql, prefix := "", folded(word)
	switch {
	case s.plain:
		prefix = strings.ToLower(word)
		sql = "SELECT DISTINCT " + s.name + " AS name FROM " + s.from + " WHERE " + s.conditions("@lower("+s.name+"::@text)", prefix)
	case qualified && s.schema == "":
		return ""
	case qualified:
		prefix = folded(last)
		sql = "SELECT DISTINCT {qualifier} || '.' || " + s.shown() + " AS name FROM " + s.from + " WHERE " +
			s.conditions(s.name+"::@text", prefix) + " AND " + s.schema + " = @to_regnamespace({qualifier})"
	default:
		sql = s.unqualified(prefix)
	}
	schema, name, _ := splitName(of)
	return strings.NewReplacer(
		"@", "pg_catalog.", "{prefix}", lex.QuoteLiteral(prefix), "{qualifier}", lex.QuoteLiteral(qualifier),
		"{of}", lex.QuoteLiteral(of), "{schema}", lex.QuoteLiteral(schema), "{last}", lex.QuoteLiteral(name),
	).Replace(sql) + fmt.Sprintf(" ORDER BY 1 LIMIT %d", limit)
}

// unqualified returns the query for names without a schema, and for schemas where a name may stand behind one.
func (s source) unqualified(prefix string) string {
	sql := "SELECT DISTINCT " + s.shown() + " AS name FROM " + s.from + " WHERE " + s.conditions(s.name+"::@text", prefix)
	if s.schema == "" {
		return sql
	}
	schemas := source{where: `nspname !~ '^pg_(toast|temp)'`}
	if s.visible != "" {
		sql += " AND " + s.visible
	}
	if !strings.HasPrefix(prefix, "pg_") {
		schemas.where = `nspname !~ '^pg_'`
		if strings.HasPrefix(s.from, "@pg_class") {
			sql += " AND " + s.schema + " <> 'pg_catalog'::@regnamespace"
		}
	}
	return sql + " UNION SELECT @quote_ident(nspname) || '.' FROM @pg_namespace WHERE " + schemas.conditions("nspname::@text", prefix)
}

// conditions returns the conditions for names that begin with the prefix.
func (s source) conditions(name, prefix string) string {
	where := "true"
	if s.where != "" {
		where = s.where
	}
	if prefix == "" {
		return where
	}
	return where + " AND @starts_with(" + name + ", {prefix})"
}

// shown returns the expression for what is offered.
func (s source) shown() string {
	if s.call {
		return "@quote_ident(" + s.name + "::@text) || '('"
	}
	return "@quote_ident(" + s.name + "::@text)"
}

// folded returns the start of a name that the start of an identifier stands for.
func folded(word string) string {
	if rest, ok := strings.CutPrefix(word, `"`); ok {
		return strings.ReplaceAll(strings.TrimSuffix(rest, `"`), `""`, `"`)
	}
	return strings.ToLower(word)
}
