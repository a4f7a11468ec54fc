// Package format turns results and messages into text: psql's formats byte for byte, and formats for programs to read.
// It knows nothing of sessions and connections: rows come in, and bytes go to the writer that the caller gives.
//
// See https://www.postgresql.org/docs/18/app-psql.html#APP-PSQL-META-COMMAND-PSET.
package format
