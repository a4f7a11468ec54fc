package catalog

import (
	"context"
	"fmt"
	"strings"
)

// withTypes runs the listing for objects whose types, which are the given expressions, match the patterns after the
// first; "-" matches where there is no type.
func (l *listing) withTypes(ctx context.Context, r *Reader, f flags, pattern string, types []string) error {
	var conditions []string
	if l.where != "" {
		conditions = append(conditions, l.where)
	}
	for i, oid := range types {
		if f.others[i] == "-" {
			conditions = append(conditions, fmt.Sprintf("coalesce(%s, 0) = 0", oid))
			continue
		}
		matching, err := typeMatched.conditions(typeName(f.others[i]), r.Database)
		if err != nil {
			return r.Wrong(err.Error())
		}
		conditions = append(conditions, fmt.Sprintf("EXISTS (SELECT FROM @pg_type t LEFT JOIN @pg_namespace tn ON tn.oid = t.typnamespace WHERE %s)",
			strings.Join(append([]string{"t.oid = " + oid}, matching...), " AND ")))
	}
	l.where = strings.Join(conditions, "\n  AND ")
	return l.run(ctx, r, f, pattern)
}

// listOperators is \do. One type is that of a prefix operator's operand, two are those of an infix operator's.
func listOperators(ctx context.Context, r *Reader, f flags, pattern string) error {
	l := &listing{
		title: "List of operators",
		columns: []listed{
			{"Schema", "n.nspname", always},
			{"Name", "o.oprname", always},
			{"Left arg type", "CASE WHEN o.oprkind = 'l' THEN NULL ELSE @format_type(o.oprleft, NULL) END", always},
			{"Right arg type", "CASE WHEN o.oprkind = 'r' THEN NULL ELSE @format_type(o.oprright, NULL) END", always},
			{"Result type", "@format_type(o.oprresult, NULL)", always},
			{"Function", "o.oprcode", more},
			{"Leakproof?", "CASE WHEN p.proleakproof THEN 'yes' ELSE 'no' END", more},
			{"Description", "coalesce(" + description("o.oid", "pg_operator") + ", " + description("o.oprcode", "pg_proc") + ")", always},
		},
		from: "@pg_operator o LEFT JOIN @pg_namespace n ON n.oid = o.oprnamespace LEFT JOIN @pg_proc p ON p.oid = o.oprcode", user: notSystem,
		match: matched{schema: "n.nspname", name: "o.oprname", visible: "@pg_operator_is_visible(o.oid)", literal: true}, order: "1, 2, 3, 4",
	}
	types := []string{"o.oprleft", "o.oprright"}[:min(2, len(f.others))]
	if len(f.others) == 1 {
		l.where, types = "o.oprleft = 0", []string{"o.oprright"}
	}
	return l.withTypes(ctx, r, f, pattern, types)
}

// listTypes is \dT, which shows array types only to those who ask for them.
func listTypes(ctx context.Context, r *Reader, f flags, pattern string) error {
	l := typeListings()["dT"]
	if !strings.Contains(pattern, "[]") {
		l.where += "\n  AND NOT EXISTS (SELECT FROM @pg_type e WHERE e.oid = t.typelem AND e.typarray = t.oid)"
	}
	return l.run(ctx, r, f, typeName(pattern))
}

// listSettings is \drds [ROLE [DATABASE]].
func listSettings(ctx context.Context, r *Reader, f flags, pattern string) error {
	l := &listing{
		title:   "List of settings",
		columns: []listed{{"Role", "r.rolname", always}, {"Database", "d.datname", always}, {"Settings", "@array_to_string(s.setconfig, E'\\n')", always}},
		from:    "@pg_db_role_setting s LEFT JOIN @pg_database d ON d.oid = s.setdatabase LEFT JOIN @pg_roles r ON r.oid = s.setrole",
		match:   matched{name: "r.rolname"}, order: "1, 2",
	}
	of := ""
	if pattern != "" {
		of = fmt.Sprintf(` for role "%s"`, pattern)
	}
	if f.second() != "" {
		conditions, err := matched{name: "d.datname"}.conditions(f.second(), r.Database)
		if err != nil {
			return r.Wrong(err.Error())
		}
		l.where = strings.Join(conditions, " AND ")
		of += fmt.Sprintf(` and database "%s"`, f.second())
	}
	sql, err := l.sql(f, pattern, r.Database)
	if err != nil {
		return r.Wrong(err.Error())
	}
	g, err := r.Fetch(ctx, sql)
	if err == nil && len(g.Rows) == 0 && !r.Quiet {
		r.Missing("Did not find any settings" + of + ".")
		return nil
	}
	if err != nil {
		return err
	}
	return r.table(g, l.title, f, nil)
}

// typeNames are names that the server's grammar takes for types and that no catalog has.
var typeNames = map[string]string{
	"decimal": "numeric", "float": "double precision", "int": "integer", "bool[]": "boolean[]", "decimal[]": "numeric[]", "float[]": "double precision[]",
	"float4[]": "real[]", "float8[]": "double precision[]", "int[]": "integer[]", "int2[]": "smallint[]", "int4[]": "integer[]", "int8[]": "bigint[]",
	"time[]": "time without time zone[]", "timetz[]": "time with time zone[]", "timestamp[]": "timestamp without time zone[]",
	"timestamptz[]": "timestamp with time zone[]", "varbit[]": "bit varying[]", "varchar[]": "character varying[]",
}

// typeName returns the name that the catalogs have for a type, where it is another.
func typeName(pattern string) string {
	if name, known := typeNames[strings.ToLower(pattern)]; known {
		return name
	}
	return pattern
}
