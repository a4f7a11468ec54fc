// Package catalog describes the objects of a database: psql's \d family. It holds the queries on the system catalogs and
// the words around their results; whoever uses it runs the queries and shows the tables.
//
// See https://www.postgresql.org/docs/18/app-psql.html#APP-PSQL-META-COMMANDS-D and
// https://www.postgresql.org/docs/18/catalogs.html.
package catalog
