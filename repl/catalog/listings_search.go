package catalog

// searchListings are those of text search objects.
func searchListings() map[string]*listing {
	objects := func(title, catalog, prefix, visible string, more ...listed) *listing {
		columns := append([]listed{{"Schema", "n.nspname", always}, {"Name", "t." + prefix + "name", always}}, more...)
		return &listing{
			title: title, columns: append(columns, listed{"Description", description("t.oid", catalog), always}),
			from:  "@" + catalog + " t LEFT JOIN @pg_namespace n ON n.oid = t." + prefix + "namespace",
			match: matched{schema: "n.nspname", name: "t." + prefix + "name", visible: "@" + visible + "(t.oid)"}, order: "1, 2",
		}
	}
	return map[string]*listing{
		"dF":  objects("List of text search configurations", "pg_ts_config", "cfg", "pg_ts_config_is_visible"),
		"dFp": objects("List of text search parsers", "pg_ts_parser", "prs", "pg_ts_parser_is_visible"),
		"dFd": objects("List of text search dictionaries", "pg_ts_dict", "dict", "pg_ts_dict_is_visible",
			listed{"Template", "(SELECT coalesce(m.nspname, '(null)') || '.' || p.tmplname FROM @pg_ts_template p LEFT JOIN @pg_namespace m ON m.oid = p.tmplnamespace WHERE p.oid = t.dicttemplate)", more},
			listed{"Init options", "t.dictinitoption", more}),
		"dFt": objects("List of text search templates", "pg_ts_template", "tmpl", "pg_ts_template_is_visible",
			listed{"Init", "t.tmplinit::@regproc", more}, listed{"Lexize", "t.tmpllexize::@regproc", more}),
	}
}

// options returns the expression for the options of a foreign object.
func options(column string) string {
	return "CASE WHEN @array_length(" + column + ", 1) > 0 THEN '(' || @array_to_string(ARRAY(SELECT @quote_ident(option_name) || ' ' || @quote_literal(option_value) FROM @pg_options_to_table(" +
		column + ")), ', ') || ')' END"
}

// foreignListings are those of foreign data.
func foreignListings() map[string]*listing {
	return map[string]*listing{
		"dew": {
			title: "List of foreign-data wrappers",
			columns: []listed{
				{"Name", "w.fdwname", always},
				{"Owner", owner("w.fdwowner"), always},
				{"Handler", "w.fdwhandler::@regproc", always},
				{"Validator", "w.fdwvalidator::@regproc", always},
				{"Access privileges", acl("w.fdwacl"), more},
				{"FDW options", options("w.fdwoptions"), more},
				{"Description", description("w.oid", "pg_foreign_data_wrapper"), more},
			},
			from: "@pg_foreign_data_wrapper w", match: matched{name: "w.fdwname"}, order: "1",
		},
		"des": {
			title: "List of foreign servers",
			columns: []listed{
				{"Name", "s.srvname", always},
				{"Owner", owner("s.srvowner"), always},
				{"Foreign-data wrapper", "f.fdwname", always},
				{"Access privileges", acl("s.srvacl"), more},
				{"Type", "s.srvtype", more},
				{"Version", "s.srvversion", more},
				{"FDW options", options("s.srvoptions"), more},
				{"Description", description("s.oid", "pg_foreign_server"), more},
			},
			from: "@pg_foreign_server s JOIN @pg_foreign_data_wrapper f ON f.oid = s.srvfdw", match: matched{name: "s.srvname"}, order: "1",
		},
		"deu": {
			title:   "List of user mappings",
			columns: []listed{{"Server", "u.srvname", always}, {"User name", "u.usename", always}, {"FDW options", options("u.umoptions"), more}},
			from:    "@pg_user_mappings u", match: matched{name: "u.srvname", other: "u.usename"}, order: "1, 2",
		},
		"det": {
			title: "List of foreign tables",
			columns: []listed{
				{"Schema", "n.nspname", always},
				{"Table", "c.relname", always},
				{"Server", "s.srvname", always},
				{"FDW options", options("f.ftoptions"), more},
				{"Description", description("c.oid", "pg_class"), more},
			},
			from:  "@pg_foreign_table f JOIN @pg_class c ON c.oid = f.ftrelid JOIN @pg_namespace n ON n.oid = c.relnamespace JOIN @pg_foreign_server s ON s.oid = f.ftserver",
			match: matched{schema: "n.nspname", name: "c.relname", visible: "@pg_table_is_visible(c.oid)"}, order: "1, 2",
		},
	}
}

// privilegeListings are those of privileges.
func privilegeListings() map[string]*listing {
	return map[string]*listing{
		"dp": {
			title: "Access privileges",
			columns: []listed{
				{"Schema", "n.nspname", always},
				{"Name", "c.relname", always},
				{"Type", "CASE c.relkind WHEN 'r' THEN 'table' WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'S' THEN 'sequence' WHEN 'f' THEN 'foreign table' WHEN 'p' THEN 'partitioned table' END", always},
				{"Access privileges", acl("c.relacl"), always},
				{"Column privileges", "@array_to_string(ARRAY(SELECT a.attname || E':\\n  ' || @array_to_string(a.attacl, E'\\n  ') FROM @pg_attribute a WHERE a.attrelid = c.oid AND NOT a.attisdropped AND a.attacl IS NOT NULL), E'\\n')", always},
				{"Policies", policies, always},
			},
			from:  "@pg_class c LEFT JOIN @pg_namespace n ON n.oid = c.relnamespace",
			where: "c.relkind IN ('r', 'v', 'm', 'S', 'f', 'p')", user: notSystem + " AND n.nspname !~ '^pg_'",
			match: matched{schema: "n.nspname", name: "c.relname", visible: "@pg_table_is_visible(c.oid)"}, order: "1, 2",
		},
		"ddp": {
			title: "Default access privileges",
			columns: []listed{
				{"Owner", owner("d.defaclrole"), always},
				{"Schema", "n.nspname", always},
				{"Type", "CASE d.defaclobjtype WHEN 'r' THEN 'table' WHEN 'S' THEN 'sequence' WHEN 'f' THEN 'function' WHEN 'T' THEN 'type' WHEN 'n' THEN 'schema' WHEN 'L' THEN 'large object' END", always},
				{"Access privileges", acl("d.defaclacl"), always},
			},
			from: "@pg_default_acl d LEFT JOIN @pg_namespace n ON n.oid = d.defaclnamespace", match: matched{name: "@pg_get_userbyid(d.defaclrole)", other: "n.nspname"}, order: "1, 2, 3",
		},
	}
}

// policies is what \dp tells of row-level security.
const policies = `@array_to_string(ARRAY(SELECT p.polname || CASE WHEN NOT p.polpermissive THEN ' (RESTRICTIVE)' ELSE '' END
    || CASE WHEN p.polcmd <> '*' THEN ' (' || p.polcmd::@text || '):' ELSE ':' END
    || CASE WHEN p.polqual IS NOT NULL THEN E'\n  (u): ' || @pg_get_expr(p.polqual, p.polrelid) ELSE '' END
    || CASE WHEN p.polwithcheck IS NOT NULL THEN E'\n  (c): ' || @pg_get_expr(p.polwithcheck, p.polrelid) ELSE '' END
    || CASE WHEN p.polroles <> '{0}' THEN E'\n  to: ' || @array_to_string(ARRAY(SELECT rolname FROM @pg_roles WHERE oid = ANY (p.polroles) ORDER BY 1), ', ') ELSE '' END
  FROM @pg_policy p WHERE p.polrelid = c.oid), E'\n')`
