// Package repl is psql as a package: a Session sends statements and prints their results, runs scripts and backslash
// commands, and a Shell is one that is typed into. It knows nothing of clusters, flags or terminals: the connection and
// the streams are given to it. Its rooms are lex (statements and arguments), format (results), catalog (\d), complete
// (Tab) and edit (the line editor).
//
// The behaviour is psql's, see https://www.postgresql.org/docs/18/app-psql.html.
package repl
