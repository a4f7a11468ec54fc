package dump

import (
	"bytes"
	"path/filepath"
	"testing"

	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/engine/enginetest"
)

// TestCreateRoles restores what belongs to roles that the cluster does not have.
func TestCreateRoles(t *testing.T) {
	t.Parallel()
	db := enginetest.Open(t, engine.Config{})
	conn := enginetest.Connect(t, db)
	enginetest.Exec(t, conn, `CREATE ROLE bob; CREATE ROLE "Al ice"; CREATE TABLE owned AS SELECT 1 i; ALTER TABLE owned OWNER TO bob; GRANT SELECT ON owned TO "Al ice"`)
	dir, env := t.TempDir(), []string{"PGUSER=postgres", "PGDATABASE=postgres"}
	for _, format := range []string{"-Fp", "-Fc", "-Fd"} {
		if code, err := (Dump{Args: []string{format, "-f", format}, Dir: dir, Env: env}).Run(t.Context(), db); code != 0 || err != nil {
			t.Fatal(code, err)
		}
	}
	for _, format := range []string{"-Fp", "-Fc", "-Fd"} {
		for _, test := range []struct {
			create bool
			args   []string
			code   bool
			then   string
		}{
			{false, nil, false, "SELECT true"},
			{true, nil, true, `SELECT pg_get_userbyid(relowner) = 'bob' AND has_table_privilege('Al ice', 'owned', 'SELECT') FROM pg_class WHERE relname = 'owned'`},
			{false, []string{"--no-owner", "--no-privileges"}, true, `SELECT pg_get_userbyid(relowner) = 'postgres' AND relacl IS NULL FROM pg_class WHERE relname = 'owned'`},
		} {
			enginetest.Exec(t, conn, `DROP TABLE IF EXISTS owned; DROP ROLE IF EXISTS bob; DROP ROLE IF EXISTS "Al ice"`)
			var stderr bytes.Buffer
			r := Restore{File: filepath.Join(dir, format), Database: "postgres", CreateRoles: test.create, Args: test.args, Env: env, Stderr: &stderr}
			code, err := r.Run(t.Context(), db)
			if (code == 0) != test.code || err != nil || !enginetest.Get[bool](t, conn, test.then) {
				t.Errorf("%s %v %q: exit code %d, %v: %s", format, test.create, test.args, code, err, &stderr)
			}
		}
	}
}
