package catalog

import (
	"context"
	"fmt"
)

// functionColumns are what \df shows.
var functionColumns = []listed{
	{"Schema", "n.nspname", always},
	{"Name", "p.proname", always},
	{"Result data type", "@pg_get_function_result(p.oid)", always},
	{"Argument data types", "@pg_get_function_arguments(p.oid)", always},
	{"Type", "CASE p.prokind WHEN 'a' THEN 'agg' WHEN 'w' THEN 'window' WHEN 'p' THEN 'proc' ELSE 'func' END", always},
	{"Volatility", "CASE p.provolatile WHEN 'i' THEN 'immutable' WHEN 's' THEN 'stable' WHEN 'v' THEN 'volatile' END", more},
	{"Parallel", "CASE p.proparallel WHEN 'r' THEN 'restricted' WHEN 's' THEN 'safe' WHEN 'u' THEN 'unsafe' END", more},
	{"Owner", owner("p.proowner"), more},
	{"Security", "CASE WHEN p.prosecdef THEN 'definer' ELSE 'invoker' END", more},
	{"Leakproof?", "CASE WHEN p.proleakproof THEN 'yes' ELSE 'no' END", more},
	{"Access privileges", acl("p.proacl"), more},
	{"Language", "l.lanname", more},
	{"Internal name", "CASE WHEN l.lanname IN ('internal', 'c') THEN p.prosrc END", more},
	{"Description", description("p.oid", "pg_proc"), more},
}

// listFunctions is \df, with letters for the kinds of functions: aggregate, normal, procedure, trigger, window.
func listFunctions(ctx context.Context, r *Reader, f flags, pattern string) error {
	kinds := map[rune]string{
		'a': "p.prokind = 'a'", 'p': "p.prokind = 'p'", 'w': "p.prokind = 'w'",
		'n': "(p.prokind NOT IN ('a', 'p', 'w') AND p.prorettype <> 'pg_catalog.trigger'::@regtype)",
	}
	kinds['t'] = "p.prorettype = 'pg_catalog.trigger'::@regtype"
	where := ""
	for _, letter := range f.letters {
		if where != "" {
			where += " OR "
		}
		where += kinds[letter]
	}
	if where != "" {
		where = "(" + where + ")"
	}
	l := &listing{
		title: "List of functions", columns: functionColumns, where: where, user: notSystem,
		from:  "@pg_proc p LEFT JOIN @pg_namespace n ON n.oid = p.pronamespace LEFT JOIN @pg_language l ON l.oid = p.prolang",
		match: matched{schema: "n.nspname", name: "p.proname", visible: "@pg_function_is_visible(p.oid)"}, order: "1, 2, 4",
	}
	types := make([]string, len(f.others))
	for i := range f.others {
		types[i] = fmt.Sprintf("p.proargtypes[%d]", i)
	}
	return l.withTypes(ctx, r, f, pattern, types)
}

// codeListings are those of aggregates, languages and the like.
func codeListings() map[string]*listing {
	return map[string]*listing{
		"da": {
			title: "List of aggregate functions",
			columns: []listed{
				{"Schema", "n.nspname", always},
				{"Name", "p.proname", always},
				{"Result data type", "@format_type(p.prorettype, NULL)", always},
				{"Argument data types", "CASE WHEN p.pronargs = 0 THEN '*' ELSE @pg_get_function_arguments(p.oid) END", always},
				{"Description", description("p.oid", "pg_proc"), always},
			},
			from:  "@pg_proc p LEFT JOIN @pg_namespace n ON n.oid = p.pronamespace",
			where: "p.prokind = 'a'", user: notSystem, match: matched{schema: "n.nspname", name: "p.proname", visible: "@pg_function_is_visible(p.oid)"}, order: "1, 2, 4",
		},
		"dL": {
			title: "List of languages",
			columns: []listed{
				{"Name", "l.lanname", always},
				{"Owner", owner("l.lanowner"), always},
				{"Trusted", "l.lanpltrusted", always},
				{"Internal language", "NOT l.lanispl", more},
				{"Call handler", "l.lanplcallfoid::@regprocedure", more},
				{"Validator", "l.lanvalidator::@regprocedure", more},
				{"Inline handler", "l.laninline::@regprocedure", more},
				{"Access privileges", acl("l.lanacl"), more},
				{"Description", description("l.oid", "pg_language"), always},
			},
			from: "@pg_language l", user: "l.lanplcallfoid <> 0", match: matched{name: "l.lanname"}, order: "1",
		},
		"dl": {
			title: "Large objects",
			columns: []listed{
				{"ID", "oid", always},
				{"Owner", owner("lomowner"), always},
				{"Access privileges", acl("lomacl"), more},
				{"Description", description("oid", "pg_largeobject"), always},
			},
			from: "@pg_largeobject_metadata", order: "oid",
		},
		"dd": {
			title:   "Object descriptions",
			columns: []listed{{"Schema", "x.nspname", always}, {"Name", "x.name", always}, {"Object", "x.object", always}, {"Description", "d.description", always}},
			from:    described, where: "d.objsubid = 0", user: "x.nspname <> 'pg_catalog' AND x.nspname <> 'information_schema'",
			match: matched{schema: "x.nspname", name: "x.name", visible: "x.visible"}, order: "1, 2, 3",
		},
	}
}

// described are the objects whose comments no other command shows.
const described = `(
  SELECT 'pg_constraint'::@regclass AS class, c.oid, n.nspname, c.conname AS name, CASE WHEN c.contypid <> 0 THEN 'domain constraint' ELSE 'table constraint' END AS object,
    CASE WHEN c.contypid <> 0 THEN @pg_type_is_visible(c.contypid) ELSE @pg_table_is_visible(c.conrelid) END AS visible FROM @pg_constraint c JOIN @pg_namespace n ON n.oid = c.connamespace
  UNION ALL SELECT 'pg_opclass'::@regclass, o.oid, n.nspname, o.opcname, 'operator class', @pg_opclass_is_visible(o.oid) FROM @pg_opclass o JOIN @pg_namespace n ON n.oid = o.opcnamespace
  UNION ALL SELECT 'pg_opfamily'::@regclass, o.oid, n.nspname, o.opfname, 'operator family', @pg_opfamily_is_visible(o.oid) FROM @pg_opfamily o JOIN @pg_namespace n ON n.oid = o.opfnamespace
  UNION ALL SELECT 'pg_rewrite'::@regclass, r.oid, n.nspname, r.rulename, 'rule', @pg_table_is_visible(c.oid) FROM @pg_rewrite r JOIN @pg_class c ON c.oid = r.ev_class JOIN @pg_namespace n ON n.oid = c.relnamespace WHERE r.rulename <> '_RETURN'
  UNION ALL SELECT 'pg_trigger'::@regclass, t.oid, n.nspname, t.tgname, 'trigger', @pg_table_is_visible(c.oid) FROM @pg_trigger t JOIN @pg_class c ON c.oid = t.tgrelid JOIN @pg_namespace n ON n.oid = c.relnamespace
) x JOIN @pg_description d ON d.classoid = x.class AND d.objoid = x.oid`
