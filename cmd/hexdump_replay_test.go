//go:build unix

package cmd

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestReplay records a session with all that the protocol has, and replays it: to a cluster like the first, to one that
// differs, and to native PostgreSQL.
func TestReplay(t *testing.T) {
	t.Parallel()
	needRuntime(t)
	if testing.Short() {
		t.Skip("starts the server several times")
	}
	const script = `CREATE TABLE c(a int PRIMARY KEY, b text);
COPY c FROM STDIN;
1	x
2	y
\.
SELECT $1::int + $2::int \bind 1 2 \g
BEGIN;
SELECT nonsense;
SELECT 1;
ROLLBACK;
COPY c TO STDOUT;
CREATE TYPE mood AS ENUM ('a', 'b');
SELECT 'a'::mood;
LISTEN l; NOTIFY l, 'p';
SET datestyle TO 'german';
DO $$ BEGIN RAISE NOTICE 'hello'; END $$;
SELECT i, repeat('x', 100) FROM generate_series(1, 3000) i;
\c - -
SELECT count(*) FROM c;
`
	capture := filepath.Join(t.TempDir(), "c.cap")
	succeed(t, script, "-D", "memory:", "repl", "-X", "--record", capture)
	data := dumpCluster(t)
	if got := succeed(t, "", "-D", data, "hexdump", "--replay", capture); got != "16 answers over 2 connections: as recorded\n" {
		t.Errorf("a new cluster: %s", got)
	}
	r := enginePglite(t, "", "-D", data, "hexdump", "--replay", capture)
	for _, want := range []string{"- <- CommandComplete \"CommandTag\":\"CREATE TABLE\"\n+ <- ErrorResponse", `relation \"c\" already exists`, "differ (- recorded, + received)"} {
		if r.code != exitFailure || !strings.Contains(r.stdout, want) {
			t.Errorf("exit code %d, no %q in\n%s%s", r.code, want, r.stdout, r.stderr)
		}
	}
	cluster := "-D " + data + " hexdump --replay "
	for args, want := range map[string]string{
		cluster + capture + " -d none":                           `database "none" does not exist`,
		cluster + filepath.Join(data, "PG_VERSION"):              "is no capture",
		cluster + capture + " --decode":                          "takes what it sends from its file",
		cluster + capture + " --uri host=x":                      "has no use for --data",
		"hexdump --replay " + capture + " --uri nonsense://p:q@": "--uri is no connection URI or string that can be used: a connection URI begins with postgresql://",
		"-D " + data + " hexdump --uri host=x SELECT":            "has no use for --data",
		"hexdump --timeout 5 SELECT":                             "goes with --replay",
		"hexdump --uri host=x -f " + capture:                     "a server or captured bytes, not both",
		"hexdump postgresql://x/y":                               "nothing to show",
		"hexdump --uri host=x postgresql://x/y SELECT":           "there are two connection URIs",
	} {
		if r := enginePglite(t, "", strings.Fields(args)...); r.code == 0 || !strings.Contains(r.stderr, want) {
			t.Errorf("%s: exit code %d, %s", args, r.code, r.stderr)
		}
	}
	server := needNative(t)
	if err := server.sql("postgres", "CREATE DATABASE replayed TEMPLATE template0"); err != nil {
		t.Fatal(err)
	}
	uri := "host=" + filepath.Dir(server.socket) + " user=postgres dbname=replayed"
	if r := enginePglite(t, "", "hexdump", "--replay", capture, "--uri", uri); r.code != 0 {
		t.Errorf("native PostgreSQL: exit code %d\n%s%s", r.code, r.stdout, r.stderr)
	}
}

// TestHexdumpURI shows what is said to another server, which a URI names as the first argument or with --uri.
func TestHexdumpURI(t *testing.T) {
	t.Parallel()
	server := needNative(t)
	uri := "postgresql:///postgres?user=postgres&host=" + filepath.Dir(server.socket)
	capture := filepath.Join(t.TempDir(), "remote.cap")
	for _, args := range [][]string{{uri, "SELECT 6 * 7 AS answer"}, {"--uri", uri, "SELECT 6 * 7 AS answer"}} {
		args = append([]string{"hexdump", "--decode", "--record", capture}, args...)
		got := succeed(t, "", args...)
		for _, want := range []string{"-> StartupMessage", "-> Query", `"answer"`, `"42"`, "<- ReadyForQuery"} {
			if !strings.Contains(got, want) {
				t.Errorf("%q is not in\n%s", want, got)
			}
		}
		if recorded := succeed(t, "", "hexdump", "--decode", "-f", capture); recorded != got {
			t.Errorf("recorded\n%s\nshown\n%s", recorded, got)
		}
	}
}
