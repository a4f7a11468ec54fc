package dump

import (
	"bytes"
	"context"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/internal/enginetest"
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

// TestRolesOf: names of roles, and no values of settings or other names.
func TestRolesOf(t *testing.T) {
	t.Parallel()
	for line, want := range map[string][]string{
		`ALTER DATABASE shop SET "TimeZone" TO 'UTC';`:                                  nil,
		`ALTER ROLE bob SET search_path TO 'app', 'public';`:                            nil,
		`ALTER ROLE bob IN DATABASE shop SET search_path TO app, public;`:               nil,
		`ALTER DATABASE shop SET application_name TO 'x OWNER TO y z';`:                 nil,
		`ALTER FUNCTION f() SET work_mem TO def;`:                                       nil,
		`ALTER TABLE a RENAME TO b;`:                                                    nil,
		`ALTER TABLE "a OWNER TO b c" RENAME TO d;`:                                     nil,
		`ALTER SYSTEM SET work_mem TO def;`:                                             nil,
		`ALTER TABLE a OWNER TO bob;`:                                                   {"bob"},
		`ALTER TABLE a OWNER TO "Al ""x"" ice; y";`:                                     {`Al "x" ice; y`},
		`ALTER TABLE a OWNER TO CURRENT_USER;`:                                          nil,
		`ALTER TABLE a OWNER TO bob; ALTER TABLE b OWNER TO "c";`:                       {"bob", "c"},
		`ALTER DEFAULT PRIVILEGES FOR ROLE bob IN SCHEMA s GRANT SELECT ON TABLES TO c`: {"bob", "c"},
		`ALTER DEFAULT PRIVILEGES FOR ROLE bob REVOKE ALL ON TABLES FROM PUBLIC;`:       {"bob"},
		`GRANT SELECT ON TABLE "x TO y z" TO bob,alice WITH GRANT OPTION;`:              {"bob", "alice"},
		`GRANT SELECT ON t TO bob; COPY t TO 'x';`:                                      {"bob"},
		`GRANT SELECT ON t TO bob; ALTER ROLE bob SET x TO y;`:                          {"bob"},
		`GRANT SELECT ON t TO 'bob';`:                                                   nil,
		`REVOKE ALL ON FUNCTION f("from" text) FROM bob;`:                               {"bob"},
		`CREATE POLICY p ON t TO bob USING ((x = 'a TO b') AND y) WITH CHECK (true);`:   {"bob"},
		`CREATE SCHEMA s AUTHORIZATION bob;`:                                            {"bob"},
		`CREATE USER MAPPING FOR bob SERVER s OPTIONS ("user" 'x');`:                    {"bob"},
		`SET SESSION AUTHORIZATION 'it''s';`:                                            {"it's"},
		`SET SESSION AUTHORIZATION DEFAULT;`:                                            nil,
	} {
		if got := roles([]byte(line + "\n")); !slices.Equal(got, want) {
			t.Errorf("%s: roles %q, want %q", line, got, want)
		}
	}
}

// TestRolesOfSettings restores SQL whose settings are no roles, and names that no role can have.
func TestRolesOfSettings(t *testing.T) {
	t.Parallel()
	db := enginetest.Open(t, engine.Config{})
	conn := enginetest.Connect(t, db)
	sql := `ALTER DATABASE postgres SET "TimeZone" TO 'UTC';
CREATE TABLE t ();
GRANT SELECT ON t TO bob, public, pg_monitor;
ALTER ROLE bob SET search_path TO 'app', 'public';
`
	var stderr bytes.Buffer
	r := Restore{File: "-", Stdin: strings.NewReader(sql), Database: "postgres", CreateRoles: true, Env: []string{"PGUSER=postgres"}, Stderr: &stderr}
	if code, err := r.Run(t.Context(), db); code != 0 || err != nil {
		t.Errorf("exit code %d, %v: %s", code, err, &stderr)
	}
	if got := enginetest.Get[string](t, conn, `SELECT string_agg(rolname, ' ' ORDER BY rolname) FROM pg_roles WHERE rolname !~ '^pg_'`); got != "bob postgres" {
		t.Errorf("roles %s", got)
	}
}

// TestLeftOut: --no-owner and --no-privileges leave out statements that have a line to themselves, and nothing else.
func TestLeftOut(t *testing.T) {
	t.Parallel()
	for sql, left := range map[string]bool{
		"GRANT SELECT ON t TO bob;\n":                                        true,
		"GRANT SELECT ON \"a;b\" TO \"c;d\";\n":                              true,
		"ALTER TABLE \"a;b\" OWNER TO \"c;d\";\n":                            true,
		"SET SESSION AUTHORIZATION 'a;b';\n":                                 true,
		"GRANT SELECT ON t TO bob; CREATE TABLE u();\n":                      false,
		"REVOKE ALL ON t FROM bob; CREATE TABLE u();\n":                      false,
		"ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO b; DROP TABLE u;\n": false,
		"ALTER TABLE t ADD x int; ALTER TABLE t OWNER TO bob;\n":             false,
		"ALTER DATABASE a SET application_name TO ' OWNER TO b';\n":          false,
		"GRANT SELECT ON t TO b /* ' */; CREATE TABLE u (); /* ' */;\n":      false,
		"GRANT \"a ON b\" TO bob;\n":                                         false,
		"SELECT '\nGRANT SELECT ON t TO bob;\n';\n":                          false,
	} {
		s := &script{r: strings.NewReader(sql), key: "K", cut: func(error) {}, noOwner: true, noPrivileges: true}
		want := sql
		if left {
			want = "-- " + sql
		}
		if got, err := io.ReadAll(s); err != nil || string(got) != want {
			t.Errorf("%q: %q, %v", sql, got, err)
		}
	}
}

// TestCreateRolesOfArchive: options that are for the restore do not stop the search for roles, and those without a
// schema are refused.
func TestCreateRolesOfArchive(t *testing.T) {
	t.Parallel()
	db := enginetest.Open(t, engine.Config{})
	conn := enginetest.Connect(t, db)
	enginetest.Exec(t, conn, `CREATE ROLE bob; CREATE TABLE owned AS SELECT 1 i; ALTER TABLE owned OWNER TO bob`)
	dir, env := t.TempDir(), []string{"PGUSER=postgres", "PGDATABASE=postgres"}
	if code, err := (Dump{Args: []string{"-Fc", "-f", "archive"}, Dir: dir, Env: env}).Run(t.Context(), db); code != 0 || err != nil {
		t.Fatal(code, err)
	}
	for args, reason := range map[string]string{
		"--data-only": "--data-only", "-va": "--data-only", "--no-schema": "--no-schema", "--statistics-only": "--statistics-only", "-l": "--list",
		"--statistics": "", "--schema-only": "", "": "",
	} {
		enginetest.Exec(t, conn, `DROP TABLE IF EXISTS owned; DROP ROLE IF EXISTS bob`)
		var stderr bytes.Buffer
		r := Restore{File: "archive", Dir: dir, Database: "postgres", CreateRoles: true, Args: strings.Fields(args), Env: env, Stderr: &stderr}
		code, err := r.Run(t.Context(), db)
		if refused := err != nil && strings.Contains(err.Error(), reason+" none of it is restored"); code != 0 || refused != (reason != "") {
			t.Errorf("%s: exit code %d, %v: %s", args, code, err, &stderr)
		}
		if created := enginetest.Get[bool](t, conn, "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = 'bob')"); created != (reason == "") {
			t.Errorf("%s: the role exists: %v", args, created)
		}
	}
}

// shown is a Runner that notes what programs may write.
type shown struct{ writable bool }

func (s *shown) RunTool(_ context.Context, t engine.Tool) (int, error) {
	for _, m := range t.Mounts {
		s.writable = s.writable || !m.ReadOnly
	}
	return 0, nil
}

// TestArchiveIsReadOnly: pg_restore may write when it is to write a file, however the option is written, and not
// otherwise.
func TestArchiveIsReadOnly(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]bool{
		"-l": false, "-l -fout": true, "-lfout": true, "-l -f out": true, "-l --file out": true, "-l --file=out": true, "-l -tf": false, "-t -f -l": false,
	} {
		got := &shown{}
		r := Restore{File: "-", Dir: t.TempDir(), Database: "postgres", Args: strings.Fields(args), Stdin: strings.NewReader("PGDMP" + strings.Repeat("x", 600))}
		if code, err := r.Run(t.Context(), got); code != 0 || err != nil || got.writable != want {
			t.Errorf("%s: exit code %d, %v: writable %v, want %v", args, code, err, got.writable, want)
		}
	}
}
