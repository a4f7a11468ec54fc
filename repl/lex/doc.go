// Package lex reads what is typed and what scripts hold: lines, statements, backslash commands and their arguments, by
// psql's lexical rules. It knows nothing of sessions, results and connections.
//
// See https://www.postgresql.org/docs/18/sql-syntax-lexical.html and
// https://www.postgresql.org/docs/18/app-psql.html#APP-PSQL-META-COMMANDS.
package lex
