package repl

import (
	"testing"
)

func TestObjectID(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]uint64{"4711": 4711, "12x": 12, "x": 0, "": 0, "-1": 0, "4294967295": 4294967295} {
		if got := objectID(text); got != want {
			t.Errorf("%q: got %d", text, got)
		}
	}
}

// TestLargeObjectTransaction has the commands for large objects begin a transaction of their own, and undo it when they fail.
func TestLargeObjectTransaction(t *testing.T) {
	t.Parallel()
	unlink := "SELECT pg_catalog.lo_unlink(7)"
	good := map[string]reply{unlink: {columns: []string{"lo_unlink"}, rows: [][]string{{"1"}}}}
	dialogue{
		script: "\\lo_unlink 7\n", replies: good, stdout: "lo_unlink 7\n", sent: []string{"BEGIN", unlink, "COMMIT"},
	}.run(t, nil)
	dialogue{
		script: "\\lo_unlink 7\n", replies: map[string]reply{unlink: {err: "there is none"}}, stderr: "ERROR:  there is none\n",
		sent: []string{"BEGIN", unlink, "ROLLBACK"},
	}.run(t, nil)
	dialogue{
		script: "BEGIN;\n\\lo_unlink 7\n\\pset format html\n\\lo_unlink 7\nCOMMIT;\n", replies: good,
		stdout: "BEGIN\nlo_unlink 7\nOutput format is html.\n<p>lo_unlink 7</p>\n<p>COMMIT</p>\n",
		sent:   []string{"BEGIN;", unlink, unlink, "COMMIT;"},
	}.run(t, nil)
}
