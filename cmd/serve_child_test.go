package cmd

import (
	"slices"
	"strings"
	"testing"

	"github.com/pglite-toolbox/pglite/engine/server"
)

// TestChildEnv: the command of serve sees this server and no other.
func TestChildEnv(t *testing.T) {
	t.Parallel()
	kept := []string{"PATH=/bin", "PGPASSWORD=p", "PGOPTIONS=-c a=b", "PGTZ=UTC", "PGBOUNCER=mine"}
	dropped := []string{
		"DATABASE_URL=x", "PGTEST_SERVER=x", "PGHOST=x", "PGHOSTADDR=x", "PGPORT=x", "PGUSER=x", "PGDATABASE=x", "PGSERVICE=x", "PGSERVICEFILE=x", "PGSSLMODE=x",
		"PGSSLROOTCERT=x", "PGREQUIREAUTH=x", "PGCHANNELBINDING=x", "PGTARGETSESSIONATTRS=x", "PGPASSFILE=x", "NOTIFY_SOCKET=x", "PGGSSENCMODE=x",
	}
	env := childEnv(slices.Concat(kept, dropped), server.Address{Host: "/s", Port: 5432}, clusterConfig{User: "u", Database: "d"})
	if text := strings.Join(env, "\n"); strings.Contains(text, "=x") || !slices.Equal(env[:len(kept)], kept) || !slices.Contains(env, "PGHOST=/s") {
		t.Errorf("%q", env)
	}
}
