// Package complete says what may stand at a place in an SQL statement, for the Tab key: which keywords, and which names,
// by queries for them. The grammar is a table of rules, sql.rules. It knows nothing of sessions and terminals: whoever
// uses it runs the queries.
//
// See https://www.postgresql.org/docs/18/app-psql.html#APP-PSQL-TAB-COMPLETION.
package complete
