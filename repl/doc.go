// Package repl holds what turns text into statements and results into text: the statement splitter with psql's lexical
// rules, a session that sends statements and prints their results, and the result formats. It knows nothing of
// clusters, flags or terminals: the connection and the streams are given to it.
//
// The behaviour is psql's, see https://www.postgresql.org/docs/18/app-psql.html.
package repl
