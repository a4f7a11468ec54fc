package catalog

// NamesQuery returns the query for the names that a listing, such as "du", has, "" when there is no such listing.
func NamesQuery(name string) string {
	l := listings()[name]
	if l == nil || l.match.name == "" {
		return ""
	}
	sql := "SELECT DISTINCT @quote_ident(" + l.match.name + "::@text) FROM " + l.from + " WHERE " + l.match.name + " IS NOT NULL"
	for _, condition := range []string{l.where, l.match.visible} {
		if condition != "" {
			sql += " AND " + condition
		}
	}
	return catalog(sql)
}
