//go:build unix

package cmd

import (
	"strings"
	"testing"
)

// smallScripts are what the psql of the runtime does in corners, which the shell does too.
var smallScripts = map[string]string{
	"describe nothing": "\\gdesc\nSELECT 1 AS a;\n\\gdesc\n",
	"copyright":        "\\copyright\n",
	"version":          "\\echo :VERSION_NAME :VERSION_NUM\n",
	"numbers of pset":  "\\pset border x\n\\pset border -1\n\\pset border 99\n\\pset border ' 2x'\n\\pset columns x\n\\pset columns 7\n\\pset pager_min_lines y\n",
	"prompt":           "\\prompt 'name? ' v\nvalue\n\\echo :v\n\\prompt w\n",
	"nothing found": `\dt nothere more \\ SELECT 1;
\drds nobody \\ SELECT 2;
\d nothere \\ SELECT 3;
\lo_list x
\dl x
\set ECHO_HIDDEN noexec
\dn \\ SELECT 4;
SELECT 5;
`,
	"interval of watch": `\set WATCH_INTERVAL 1e500
\set WATCH_INTERVAL 1e-400
\set WATCH_INTERVAL 1000001
\echo :WATCH_INTERVAL
\set WATCH_INTERVAL ' 0'
\echo :WATCH_INTERVAL
\set WATCH_INTERVAL '3 '
SELECT 1 \watch 10e400
`,
	"parameters stay": "\\bind 1\\r\nSELECT $1;\nSELECT 2;\n",
	"copy to a pipeline": `\startpipeline
COPY (SELECT 1) TO STDOUT;
\endpipeline
SELECT 1;
`,
	"prompt at end": "\\set ON_ERROR_STOP on\n\\prompt w",
	"deferred errors in a pipeline": `CREATE TEMP TABLE d(a int PRIMARY KEY DEFERRABLE INITIALLY DEFERRED);
\startpipeline
INSERT INTO d VALUES (1),(1);
\syncpipeline
SELECT 5 \bind \sendpipeline
\getresults
SELECT 6 \bind \sendpipeline
\syncpipeline
\getresults 1
\endpipeline
\echo :PIPELINE_SYNC_COUNT :PIPELINE_COMMAND_COUNT :PIPELINE_RESULT_COUNT
SELECT 7;
`,
	"tablespaces": `SET allow_in_place_tablespaces = on;
CREATE TABLESPACE spc LOCATION '';
CREATE TABLE ts1(a int PRIMARY KEY USING INDEX TABLESPACE spc, b int) WITH (fillfactor=70) TABLESPACE spc;
CREATE TABLE ts2(a int, b int) PARTITION BY range (a) TABLESPACE spc;
CREATE INDEX tsi ON ts2(a) WITH (fillfactor=70) TABLESPACE spc;
CREATE INDEX tsj ON ts1(b) WITH (fillfactor=70) TABLESPACE spc;
CREATE MATERIALIZED VIEW tsm TABLESPACE spc AS SELECT 1;
\d+ ts1
\d+ ts2
\d+ tsi
\d+ tsj
\d+ tsm
\d+ ts1_pkey
DROP MATERIALIZED VIEW tsm; DROP TABLE ts1, ts2; DROP TABLESPACE spc;
`,
}

// TestSmallThingsLikePsql compares corners of the shell with the psql of the runtime.
func TestSmallThingsLikePsql(t *testing.T) {
	t.Parallel()
	b := memoryBackend(t)
	for name, script := range smallScripts {
		t.Run(name, func(t *testing.T) {
			got, want := runInput(b, "repl", script, "-X"), runInput(b, "tool", script, "psql", "-X")
			if strings.Count(want.stdout+want.stderr, "\n") == 0 && name != "prompt at end" {
				t.Fatalf("psql: %+v", want)
			}
			compare(t, got, want)
		})
	}
}

// TestHelpOptions: \? options describes the command line of the command that runs.
func TestHelpOptions(t *testing.T) {
	t.Parallel()
	b := memoryBackend(t)
	got := runInput(b, "repl", "\\? options\n", "-X")
	if !strings.Contains(got.stdout, "--single-transaction") || !strings.Contains(got.stdout, "pglite repl") {
		t.Errorf("%+v", got)
	}
}
