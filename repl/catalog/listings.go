package catalog

// acl returns the expression for privileges, one on a line.
func acl(column string) string {
	return "CASE WHEN @array_length(" + column + ", 1) = 0 THEN '(none)' ELSE @array_to_string(" + column + ", E'\\n') END"
}

// notSystem is true of what is in none of the system's schemas.
const notSystem = "n.nspname <> 'pg_catalog' AND n.nspname <> 'information_schema'"

func owner(column string) string { return "@pg_get_userbyid(" + column + ")" }

func description(oid, class string) string {
	return "@obj_description(" + oid + ", '" + class + "')"
}

// listings are the commands that list objects from one query each. The catalogs are described in
// https://www.postgresql.org/docs/18/catalogs.html.
func listings() map[string]*listing {
	all := map[string]*listing{}
	for _, some := range []map[string]*listing{clusterListings(), typeListings(), codeListings(), searchListings(), foreignListings(), privilegeListings()} {
		for name, l := range some {
			all[name] = l
		}
	}
	return all
}

// clusterListings are those of databases, roles, schemas and the like.
func clusterListings() map[string]*listing {
	databases := &listing{
		title: "List of databases",
		columns: []listed{
			{"Name", "d.datname", always},
			{"Owner", owner("d.datdba"), always},
			{"Encoding", "@pg_encoding_to_char(d.encoding)", always},
			{"Locale Provider", "CASE " + field("d", "datlocprovider") + " WHEN 'b' THEN 'builtin' WHEN 'c' THEN 'libc' WHEN 'i' THEN 'icu' END", always},
			{"Collate", "d.datcollate", always},
			{"Ctype", "d.datctype", always},
			{"Locale", "coalesce(" + field("d", "datlocale") + ", " + field("d", "daticulocale") + ")", always},
			{"ICU Rules", field("d", "daticurules"), always},
			{"Access privileges", acl("d.datacl"), always},
			{"Size", "CASE WHEN @has_database_privilege(d.datname, 'CONNECT') THEN @pg_size_pretty(@pg_database_size(d.datname)) ELSE 'No Access' END", more},
			{"Tablespace", "t.spcname", more},
			{"Description", "@shobj_description(d.oid, 'pg_database')", more},
		},
		from:  "@pg_database d JOIN @pg_tablespace t ON t.oid = d.dattablespace",
		match: matched{name: "d.datname"}, order: "1",
	}
	roles := &listing{
		title: "List of roles",
		columns: []listed{
			{"Role name", "r.rolname", always},
			{"Attributes", roleAttributes, always},
			{"Description", "@shobj_description(r.oid, 'pg_authid')", more},
		},
		uncount: true,
		from:    "@pg_roles r", user: `r.rolname !~ '^pg_'`, match: matched{name: "r.rolname"}, order: "1",
	}
	return map[string]*listing{
		"l": databases, "list": databases, "du": roles, "dg": roles,
		"dn": {
			title: "List of schemas",
			columns: []listed{
				{"Name", "n.nspname", always},
				{"Owner", owner("n.nspowner"), always},
				{"Access privileges", acl("n.nspacl"), more},
				{"Description", description("n.oid", "pg_namespace"), more},
			},
			from: "@pg_namespace n", user: `n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'`,
			match: matched{name: "n.nspname"}, order: "1",
		},
		"db": {
			title: "List of tablespaces",
			columns: []listed{
				{"Name", "spcname", always},
				{"Owner", owner("spcowner"), always},
				{"Location", "@pg_tablespace_location(oid)", always},
				{"Access privileges", acl("spcacl"), more},
				{"Options", "spcoptions", more},
				{"Size", "CASE WHEN @has_tablespace_privilege(oid, 'CREATE') OR oid = (SELECT dattablespace FROM @pg_database WHERE datname = @current_database()) THEN @pg_size_pretty(@pg_tablespace_size(oid)) ELSE 'No Access' END", more},
				{"Description", "@shobj_description(oid, 'pg_tablespace')", more},
			},
			from: "@pg_tablespace", match: matched{name: "spcname"}, order: "1",
		},
		"drg": {
			title: "List of role grants",
			columns: []listed{
				{"Role name", "m.rolname", always},
				{"Member of", "r.rolname", always},
				{"Options", "@concat_ws(', ', CASE WHEN a.admin_option THEN 'ADMIN' END, CASE WHEN coalesce(" + field("a", "inherit_option") + "::@bool, m.rolinherit) THEN 'INHERIT' END, CASE WHEN coalesce(" + field("a", "set_option") + "::@bool, true) THEN 'SET' END)", always},
				{"Grantor", "g.rolname", always},
			},
			from: "@pg_auth_members a JOIN @pg_roles m ON m.oid = a.member JOIN @pg_roles r ON r.oid = a.roleid LEFT JOIN @pg_roles g ON g.oid = a.grantor",
			user: `m.rolname !~ '^pg_'`, match: matched{name: "m.rolname"}, order: "1, 2, 4",
		},
		"dA": {
			title: "List of access methods",
			columns: []listed{
				{"Name", "amname", always},
				{"Type", "CASE amtype WHEN 'i' THEN 'Index' WHEN 't' THEN 'Table' END", always},
				{"Handler", "amhandler", more},
				{"Description", description("oid", "pg_am"), more},
			},
			from: "@pg_am", match: matched{name: "amname"}, order: "1",
		},
		"dy": {
			title: "List of event triggers",
			columns: []listed{
				{"Name", "evtname", always},
				{"Event", "evtevent", always},
				{"Owner", owner("evtowner"), always},
				{"Enabled", "CASE evtenabled WHEN 'O' THEN 'enabled' WHEN 'R' THEN 'replica' WHEN 'A' THEN 'always' WHEN 'D' THEN 'disabled' END", always},
				{"Function", "evtfoid::@regproc", always},
				{"Tags", "@array_to_string(evttags, ', ')", always},
				{"Description", description("oid", "pg_event_trigger"), more},
			},
			from: "@pg_event_trigger", match: matched{name: "evtname"}, order: "1",
		},
		"dRs": {
			title: "List of subscriptions",
			columns: []listed{
				{"Name", "subname", always},
				{"Owner", owner("subowner"), always},
				{"Enabled", "subenabled", always},
				{"Publication", "subpublications", always},
				{"Binary", "subbinary", more},
				{"Streaming", "CASE substream::@text WHEN 'f' THEN 'off' WHEN 't' THEN 'on' WHEN 'p' THEN 'parallel' ELSE substream::@text END", more},
				{"Two-phase commit", "subtwophasestate", more.since(15)},
				{"Disable on error", "subdisableonerr", more.since(15)},
				{"Origin", "suborigin", more.since(16)},
				{"Password required", "subpasswordrequired", more.since(16)},
				{"Run as owner?", "subrunasowner", more.since(16)},
				{"Failover", "subfailover", more.since(17)},
				{"Synchronous commit", "subsynccommit", more},
				{"Conninfo", "subconninfo", more},
				{"Skip LSN", "subskiplsn", more.since(15)},
			},
			from: "@pg_subscription", where: "subdbid = (SELECT oid FROM @pg_database WHERE datname = @current_database())",
			match: matched{name: "subname"}, order: "1",
		},
	}
}

// roleAttributes is what \du tells of a role.
const roleAttributes = `@concat_ws(E'\n', nullif(@concat_ws(', ', CASE WHEN r.rolsuper THEN 'Superuser' END, CASE WHEN NOT r.rolinherit THEN 'No inheritance' END,
    CASE WHEN r.rolcreaterole THEN 'Create role' END, CASE WHEN r.rolcreatedb THEN 'Create DB' END, CASE WHEN NOT r.rolcanlogin THEN 'Cannot login' END,
    CASE WHEN r.rolreplication THEN 'Replication' END, CASE WHEN r.rolbypassrls THEN 'Bypass RLS' END), ''),
    CASE WHEN r.rolconnlimit = 0 THEN 'No connections' WHEN r.rolconnlimit = 1 THEN '1 connection' WHEN r.rolconnlimit > 1 THEN r.rolconnlimit || ' connections' END,
    'Password valid until ' || r.rolvaliduntil)`
