//go:build unix

package cmd

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// TestJSONOfCatalogArrays: every array type of the server is printed as a JSON array, built in or made a moment ago.
func TestJSONOfCatalogArrays(t *testing.T) {
	t.Parallel()
	b := memoryBackend(t)
	made := runWith(b, "exec", "-q", "CREATE TYPE mood AS ENUM ('sad', 'so, so')", "CREATE DOMAIN moods AS mood[]", "CREATE TABLE pairs (a int, b text)")
	if made.code != exitOK {
		t.Fatalf("%+v", made)
	}
	types := runWith(b, "exec", "-A", "-t", `SELECT a.oid::regtype FROM pg_type a JOIN pg_type e ON e.oid = a.typelem
		WHERE a.typsubscript = 'array_subscript_handler'::regproc AND a.typlen = -1 AND e.typtype <> 'p' AND a.oid NOT IN ('int2vector'::regtype, 'oidvector'::regtype) ORDER BY a.oid`)
	names := strings.Split(strings.TrimSpace(types.stdout), "\n")
	if len(names) < 200 {
		t.Fatalf("%+v", types)
	}
	columns := make([]string, len(names))
	for i, name := range names {
		columns[i] = fmt.Sprintf(`'{NULL}'::%s AS "%s"`, name, strings.ReplaceAll(name, `"`, `""`))
	}
	got := runWith(b, "exec", "--json", "SELECT "+strings.Join(columns, ", "))
	var rows []map[string]any
	if err := json.Unmarshal([]byte(got.stdout), &rows); err != nil || len(rows) != 1 || len(rows[0]) != len(names) {
		t.Fatalf("%v: %+v", err, got)
	}
	for name, value := range rows[0] {
		if array, is := value.([]any); !is || len(array) != 1 || array[0] != nil {
			t.Errorf("%s: %v", name, value)
		}
	}
	got = runWith(b, "exec", "--json", "CREATE TYPE young AS ENUM ('x')", "SELECT '{x,NULL}'::young[] AS v, '{\"so, so\"}'::moods AS d, ARRAY[ROW(1, 'a')::pairs] AS r")
	if want := `[{"v":["x",null],"d":["so, so"],"r":["(1,a)"]}]` + "\n"; got.stdout != want || got.stderr != "" {
		t.Errorf("%+v, want %s", got, want)
	}
}

// TestJSONLines: several results are JSON Lines, one result a line, and nothing but results is printed.
func TestJSONLines(t *testing.T) {
	t.Parallel()
	b := memoryBackend(t)
	got := runWith(b, "exec", "--json", "SELECT 1 AS a UNION ALL SELECT 2", "CREATE TEMP TABLE t(j jsonb)", "SELECT E'x\\ny' AS b; SELECT '{\"k\": [1]}'::json AS c", "TABLE t")
	const want = `[{"a":1},{"a":2}]` + "\n" + `[{"b":"x\ny"}]` + "\n" + `[{"c":{"k":[1]}}]` + "\n[]\n"
	if got.stdout != want || got.stderr != "" {
		t.Errorf("%+v", got)
	}
	if got := runInput(b, "repl", "SELECT '{x}'::text[] AS a \\g (format=json)\n", "-X"); got.stdout != `[{"a":["x"]}]`+"\n" {
		t.Errorf("%+v", got)
	}
}
