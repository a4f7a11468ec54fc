//go:build unix

package cmd

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestConnectElsewhere goes from a cluster of ours to another server and back.
func TestConnectElsewhere(t *testing.T) {
	t.Parallel()
	needRuntime(t)
	server := needNative(t)
	dir := filepath.Dir(server.socket)
	script := strings.ReplaceAll(`\t
\a
\c 'host=DIR port=5432 user=postgres dbname=postgres'
\echo :HOST :PORT :DBNAME
SELECT current_setting('unix_socket_directories');
\c template1
\echo :HOST :DBNAME
\c - - DIR
\conninfo
\c -reuse-previous=on "dbname=postgres"
\echo :HOST :DBNAME
\c -reuse-previous=on postgresql:///template1
\echo :HOST :DBNAME
\c dbname=postgres
\echo :HOST :DBNAME :USER
SELECT current_setting('unix_socket_directories') = 'DIR';
`, "DIR", dir)
	got := runInput(production(), "repl", script, "-D", "memory:", "-X", "-q")
	lines := strings.Split(got.stdout, "\n")
	want := []string{dir + " 5432 postgres", dir, dir + " template1", "Database|template1", "Client User|postgres", "Socket Directory|" + dir, "Server Port|5432"}
	if len(lines) < len(want) {
		t.Fatalf("%+v", got)
	}
	for i, line := range want {
		if lines[i] != line {
			t.Errorf("line %d is %q, want %q", i+1, lines[i], line)
		}
	}
	if !strings.HasSuffix(got.stdout, "\n"+dir+" postgres\n"+dir+" template1\n postgres postgres\nf\n") || got.stderr != "" || got.code != exitOK {
		t.Errorf("%+v", got)
	}
	for end, want := range map[string]string{
		`\c postgresql://nobody_there@/postgres?host=DIR`: `role "nobody_there" does not exist`,
		`\c postgres postgres - 5432`:                     "a port needs a host",
	} {
		end = strings.ReplaceAll(end, "DIR", dir) + "\nSELECT 'not reached';\n"
		got := runInput(production(), "repl", "\\c 'host="+dir+" user=postgres dbname=postgres'\n\\c 'dbname=postgres'\n"+end, "-D", "memory:", "-X", "-q")
		if got.code != exitConnection || !strings.Contains(got.stderr, want) || got.stdout != "" {
			t.Errorf("%s: %+v", end, got)
		}
	}
}

// TestDescribesOlderServers has the machine's PostgreSQL, of whatever version, describe its objects.
func TestDescribesOlderServers(t *testing.T) {
	t.Parallel()
	needRuntime(t)
	server := needNative(t)
	script := "\\c 'host=" + filepath.Dir(server.socket) + " port=5432 user=postgres dbname=postgres'\n" +
		"CREATE TABLE described(a int PRIMARY KEY CHECK (a > 0), b text); CREATE VIEW describing AS TABLE described;\n"
	commands := strings.Fields("d d+ dt+ di+ dv+ l+ dn+ df du+ drg drds dp ddp dx+ dT+ dD+ do dC+ dy+ dF+ dFd+ dFp+ dFt+ db+ dconfig dA+ dAc+ dAf+ dAo dAp dc+ dO+ dX+ dRp dRp+ dRs dRs+ dL+ dd des+ dew+ det+ deu+ dP+ dl+ da")
	for _, name := range commands {
		script += `\` + name + "\n"
	}
	script += "\\d described\n\\d+ described\n\\d describing\n\\d+ describing\n\\d+ described_pkey\nDROP VIEW describing; DROP TABLE described;\n"
	got := runInput(production(), "repl", script, "-D", "memory:", "-X", "-q")
	if len(commands) < 40 || got.code != exitOK || strings.Contains(got.stderr, "ERROR") || strings.Count(got.stdout, "described_pkey") < 3 {
		t.Errorf("%+v", got)
	}
}

// TestDatabaseIsAName: a connection string is not taken for the name of a database, and its password is not shown.
func TestDatabaseIsAName(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"postgres://u:geheim@h/x", "postgresql:///x?password=geheim", "host=h password=geheim"} {
		for _, args := range [][]string{{"repl", "-c", "SELECT 1"}, {"exec", "SELECT 1"}} {
			code, _, stderr := (place{}).with("PGDATABASE="+name).pglite(t, append([]string{"-D", "memory:"}, args...)...)
			if code != exitFailure || !strings.Contains(stderr, "connection string") || strings.Contains(stderr, "geheim") || !strings.Contains(stderr, "Usage: pglite "+args[0]) {
				t.Errorf("%q: exit code %d: %s", args, code, stderr)
			}
		}
		for _, command := range []string{"serve", "restore", "extension", "hexdump"} {
			code, _, stderr := pglite(t, "-D", "memory:", "-d", name, command, "list")
			if code != exitFailure || !strings.Contains(stderr, "connection string") || strings.Contains(stderr, "geheim") {
				t.Errorf("%s: exit code %d: %s", command, code, stderr)
			}
		}
	}
}

// TestFailedConnectExitCode: a \c that fails ends a script; the exit code is psql's.
func TestFailedConnectExitCode(t *testing.T) {
	t.Parallel()
	needRuntime(t)
	for _, args := range [][]string{
		{},
		{"-1"},
		{"-c", `\c nowhere`},
		{"-c", "SELECT 1", "-c", `\c nowhere`},
		{"-v", "ON_ERROR_STOP=1"},
		{"-v", "ON_ERROR_STOP=1", "-1", "-f", "-"},
		{"-v", "ON_ERROR_STOP=1", "-c", `\c nowhere`},
	} {
		args = append([]string{"-D", "memory:", "-X"}, args...)
		const script = "\\c nowhere\nSELECT 'not reached';\n"
		want := runInput(production(), "tool", script, slices.Concat(args[:2], []string{"psql"}, args[2:])...)
		got := runInput(production(), "repl", script, args...)
		if want.code == exitOK || got.code != want.code || strings.Contains(got.stdout, "reached") {
			t.Errorf("%q: %+v; psql: %+v", args, got, want)
		}
	}
	for _, c := range []struct {
		code int
		args []string
	}{{exitScript, nil}, {exitConnection, []string{"--continue"}}} {
		args := append([]string{"-D", "memory:", "-c", `\c nowhere`, "-c", "SELECT 'not reached'"}, c.args...)
		if got := runInput(production(), "exec", "", args...); got.code != c.code || got.stdout != "" {
			t.Errorf("%q: %+v", args, got)
		}
	}
}
