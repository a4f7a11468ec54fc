package pgclient

import (
	"cmp"
	"slices"
	"strings"
)

// sessionVariables say who connects, or how a session begins: they are for any server.
var sessionVariables = []string{
	"PGDATABASE", "PGUSER", "PGPASSWORD", "PGOPTIONS", "PGAPPNAME", "PGCLIENTENCODING", "PGDATESTYLE", "PGTZ", "PGGEQO", "PGLOCALEDIR",
}

// serverVariables are all others that libpq 18 reads, and those of older ones and of pgx. They name a server, say how
// to reach it, or what it has to prove.
var serverVariables = []string{
	"PGHOST", "PGHOSTADDR", "PGPORT", "PGSERVICE", "PGSERVICEFILE", "PGSYSCONFDIR", "PGPASSFILE", "PGCONNECT_TIMEOUT",
	"PGREQUIREAUTH", "PGREQUIREPEER", "PGREQUIRESSL", "PGCHANNELBINDING", "PGTARGETSESSIONATTRS", "PGLOADBALANCEHOSTS",
	"PGMINPROTOCOLVERSION", "PGMAXPROTOCOLVERSION", "PGREALM", "PGTTY", "PGOAUTHDEBUG",
}

// serverPrefixes begin the names of families of such variables.
var serverPrefixes = []string{"PGSSL", "PGGSS", "PGKRB", "PGOAUTH"}

// NamesServer reports whether an environment variable says which server libpq connects to, or how.
func NamesServer(variable string) bool {
	return slices.Contains(serverVariables, variable) ||
		slices.ContainsFunc(serverPrefixes, func(prefix string) bool { return strings.HasPrefix(variable, prefix) })
}

// Environment returns env, NAME=VALUE, without the variables that name a server.
func Environment(env []string) []string {
	return slices.DeleteFunc(slices.Clone(env), func(e string) bool {
		name, _, _ := strings.Cut(e, "=")
		return NamesServer(name)
	})
}

// parameterOf are the server parameters that environment variables set.
var parameterOf = map[string]string{
	"PGOPTIONS": "options", "PGTZ": "timezone", "PGDATESTYLE": "datestyle", "PGGEQO": "geqo",
}

// defaultName is how sessions of pglite appear in pg_stat_activity.
const defaultName = "pglite"

// Parameters returns what a session begins with, by the environment.
func Parameters(getenv func(name string) string) map[string]string {
	parameters := map[string]string{
		"application_name": cmp.Or(getenv("PGAPPNAME"), defaultName),
		"client_encoding":  clientEncoding(getenv("PGCLIENTENCODING")),
	}
	for variable, parameter := range parameterOf {
		if value := getenv(variable); value != "" && !strings.EqualFold(value, "default") {
			parameters[parameter] = value
		}
	}
	return parameters
}

// clientEncoding returns the encoding of the environment. That of the locale is taken to be UTF-8.
func clientEncoding(value string) string {
	if value == "" || value == "auto" {
		return "UTF8"
	}
	return value
}
