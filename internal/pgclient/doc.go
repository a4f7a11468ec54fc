// Package pgclient makes every connection of pglite to a PostgreSQL server: to the cluster of pglite, and to the
// servers that a connection string names.
//
// The environment variables and files of libpq (https://www.postgresql.org/docs/18/libpq-envars.html) name the user's
// other servers, and say how to reach those. They never matter to a connection to pglite's own cluster: only the
// variables that say who connects and how a session begins do.
package pgclient
