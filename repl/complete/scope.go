package complete

import (
	"slices"
	"strings"

	"github.com/pglite-toolbox/pglite/repl/lex"
)

// named is a relation that a statement names, and how it calls it.
type named struct {
	relation string
	alias    string // "" when there is none
}

// before are the words before a relation's name.
var before = strings.Fields("FROM JOIN INTO UPDATE USING ONLY TABLE")

// clauses are words that end a list of relations, and that are no aliases.
var clauses = strings.Fields(`WHERE GROUP ORDER HAVING LIMIT OFFSET UNION EXCEPT INTERSECT SET VALUES RETURNING ON USING JOIN LEFT RIGHT FULL
INNER CROSS NATURAL WINDOW FETCH FOR WHEN DO SELECT TABLE DEFAULT OVERRIDING TABLESAMPLE WITH LATERAL ONLY AND OR NOT IN`)

// scope returns the relations that the words of a statement name.
func scope(words []string) (relations []named) {
	wanted, list := false, false
	for i, word := range words {
		upper := strings.ToUpper(word)
		switch {
		case slices.Contains(before, upper):
			wanted, list = true, true
		case slices.Contains(clauses, upper), upper == "(", upper == "()", upper == ";":
			wanted, list = false, false
		case word == ",":
			wanted = list
		case wanted && isName(word):
			relations = append(relations, named{word, aliasAfter(words[i+1:])})
			wanted = false
		}
	}
	return relations
}

// aliasAfter returns the alias at the start of words, "" when there is none.
func aliasAfter(words []string) string {
	if len(words) > 0 && strings.EqualFold(words[0], "as") {
		words = words[1:]
	}
	if len(words) == 0 || !isName(words[0]) || slices.Contains(clauses, strings.ToUpper(words[0])) {
		return ""
	}
	return words[0]
}

// scopeQueries returns the queries for the columns of the relations in scope, and for the names of these. Without such
// relations they are the columns of all relations that can be named without a schema.
func scopeQueries(words []string, word string) (queries []string) {
	relations := scope(words)
	if qualifier, last, qualified := splitName(word); qualified {
		return memberQueries(relations, qualifier, last)
	}
	for _, r := range relations {
		queries = append(queries, Query("columns", word, r.relation))
	}
	if len(relations) > 0 || word == "" {
		return queries
	}
	return append(queries, `SELECT DISTINCT pg_catalog.quote_ident(attname) FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = attrelid
WHERE attnum > 0 AND NOT attisdropped AND relkind IN ('r','p','v','m','f') AND pg_catalog.pg_table_is_visible(c.oid)
AND relnamespace <> 'pg_catalog'::pg_catalog.regnamespace AND pg_catalog.starts_with(attname::pg_catalog.text, `+lex.QuoteLiteral(folded(word))+`) LIMIT 1000`)
}

// memberQueries returns the queries for what may stand behind a name and a dot: the columns of a relation, or the
// relations and functions of a schema.
func memberQueries(relations []named, qualifier, last string) []string {
	relation := qualifier
	for _, r := range relations {
		_, name, _ := splitName(r.relation)
		if strings.EqualFold(r.alias, qualifier) || strings.EqualFold(name, qualifier) {
			relation = r.relation
		}
	}
	word := qualifier + "." + last
	columns := Query("columns", last, relation)
	columns = strings.Replace(columns, "SELECT DISTINCT ", "SELECT DISTINCT "+lex.QuoteLiteral(qualifier+".")+" || ", 1)
	return []string{columns, Query("selectables", word, ""), Query("calls", word, "")}
}
