package catalog

// typeListings are those of types, domains, casts, collations and conversions.
func typeListings() map[string]*listing {
	return map[string]*listing{
		"dT": {
			title: "List of data types",
			columns: []listed{
				{"Schema", "n.nspname", always},
				{"Name", "@format_type(t.oid, NULL)", always},
				{"Internal name", "t.typname", more},
				{"Size", "CASE WHEN t.typrelid <> 0 THEN 'tuple' WHEN t.typlen < 0 THEN 'var' ELSE t.typlen::@text END", more},
				{"Elements", "(SELECT @string_agg(e.enumlabel, E'\\n' ORDER BY e.enumsortorder) FROM @pg_enum e WHERE e.enumtypid = t.oid)", more},
				{"Owner", owner("t.typowner"), more},
				{"Access privileges", acl("t.typacl"), more},
				{"Description", description("t.oid", "pg_type"), always},
			},
			from:  "@pg_type t LEFT JOIN @pg_namespace n ON n.oid = t.typnamespace",
			where: `(t.typrelid = 0 OR EXISTS (SELECT FROM @pg_class c WHERE c.oid = t.typrelid AND c.relkind = 'c'))`,
			user:  notSystem,
			match: matched{schema: "n.nspname", name: "t.typname", other: "@format_type(t.oid, NULL)", visible: "@pg_type_is_visible(t.oid)"}, order: "1, 2",
		},
		"dD": {
			title: "List of domains",
			columns: []listed{
				{"Schema", "n.nspname", always},
				{"Name", "t.typname", always},
				{"Type", "@format_type(t.typbasetype, t.typtypmod)", always},
				{"Collation", "(SELECT c.collname FROM @pg_collation c JOIN @pg_type b ON b.oid = t.typbasetype WHERE c.oid = t.typcollation AND t.typcollation <> b.typcollation)", always},
				{"Nullable", "CASE WHEN t.typnotnull THEN 'not null' END", always},
				{"Default", "t.typdefault", always},
				{"Check", "@array_to_string(ARRAY(SELECT @pg_get_constraintdef(c.oid, true) FROM @pg_constraint c WHERE c.contypid = t.oid AND c.contype = 'c' ORDER BY c.conname), ' ')", always},
				{"Access privileges", acl("t.typacl"), more},
				{"Description", description("t.oid", "pg_type"), more},
			},
			from:  "@pg_type t LEFT JOIN @pg_namespace n ON n.oid = t.typnamespace",
			where: "t.typtype = 'd'", user: notSystem, match: matched{schema: "n.nspname", name: "t.typname", visible: "@pg_type_is_visible(t.oid)"}, order: "1, 2",
		},
		"dC": {
			title: "List of casts",
			columns: []listed{
				{"Source type", "@format_type(c.castsource, NULL)", always},
				{"Target type", "@format_type(c.casttarget, NULL)", always},
				{"Function", "CASE c.castmethod WHEN 'b' THEN '(binary coercible)' WHEN 'i' THEN '(with inout)' ELSE p.proname END", always},
				{"Implicit?", "CASE c.castcontext WHEN 'e' THEN 'no' WHEN 'a' THEN 'in assignment' ELSE 'yes' END", always},
				{"Leakproof?", "CASE WHEN p.proleakproof THEN 'yes' ELSE 'no' END", more},
				{"Description", description("c.oid", "pg_cast"), more},
			},
			from:  "@pg_cast c LEFT JOIN @pg_proc p ON p.oid = c.castfunc",
			wrap:  "EXISTS (SELECT FROM @pg_type t JOIN @pg_namespace n ON n.oid = t.typnamespace WHERE t.oid IN (c.castsource, c.casttarget) AND %s)",
			match: matched{schema: "n.nspname", name: "t.typname", other: "@format_type(t.oid, NULL)", visible: "@pg_type_is_visible(t.oid)"},
			order: "1, 2",
		},
		"dO": {
			title: "List of collations",
			columns: []listed{
				{"Schema", "n.nspname", always},
				{"Name", "c.collname", always},
				{"Provider", "CASE c.collprovider WHEN 'd' THEN 'default' WHEN 'b' THEN 'builtin' WHEN 'c' THEN 'libc' WHEN 'i' THEN 'icu' END", always},
				{"Collate", "c.collcollate", always},
				{"Ctype", "c.collctype", always},
				{"Locale", "coalesce(" + field("c", "colllocale") + ", " + field("c", "colliculocale") + ")", always},
				{"ICU Rules", field("c", "collicurules"), always},
				{"Deterministic?", "CASE WHEN c.collisdeterministic THEN 'yes' ELSE 'no' END", always},
				{"Description", description("c.oid", "pg_collation"), more},
			},
			from:  "@pg_collation c JOIN @pg_namespace n ON n.oid = c.collnamespace",
			where: "c.collencoding IN (-1, @pg_char_to_encoding(@getdatabaseencoding()))", user: notSystem,
			match: matched{schema: "n.nspname", name: "c.collname", visible: "@pg_collation_is_visible(c.oid)"}, order: "1, 2",
		},
		"dc": {
			title: "List of conversions",
			columns: []listed{
				{"Schema", "n.nspname", always},
				{"Name", "c.conname", always},
				{"Source", "@pg_encoding_to_char(c.conforencoding)", always},
				{"Destination", "@pg_encoding_to_char(c.contoencoding)", always},
				{"Default?", "CASE WHEN c.condefault THEN 'yes' ELSE 'no' END", always},
				{"Description", description("c.oid", "pg_conversion"), more},
			},
			from: "@pg_conversion c JOIN @pg_namespace n ON n.oid = c.connamespace", user: notSystem,
			match: matched{schema: "n.nspname", name: "c.conname", visible: "@pg_conversion_is_visible(c.oid)"}, order: "1, 2",
		},
		"dX": {
			title: "List of extended statistics",
			columns: []listed{
				{"Schema", "s.stxnamespace::@regnamespace::@text", always},
				{"Name", "s.stxname", always},
				{"Definition", "@format('%s FROM %s', @pg_get_statisticsobjdef_columns(s.oid), s.stxrelid::@regclass)", always},
				{"Ndistinct", "CASE WHEN 'd' = ANY(s.stxkind) THEN 'defined' END", always},
				{"Dependencies", "CASE WHEN 'f' = ANY(s.stxkind) THEN 'defined' END", always},
				{"MCV", "CASE WHEN 'm' = ANY(s.stxkind) THEN 'defined' END", always},
			},
			from: "@pg_statistic_ext s", match: matched{schema: "s.stxnamespace::@regnamespace::@text", name: "s.stxname", visible: "@pg_statistics_obj_is_visible(s.oid)"}, order: "1, 2",
		},
	}
}
